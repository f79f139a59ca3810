"""What measurements stand on: the product on generated data, and bare programs to compare with."""
