"""What takes minutes when it is done whole: three rounds in every run, thirty by `make drills`."""
