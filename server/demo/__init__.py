"""Demo schools, persons and lessons: really uploaded and prepared, for trying Khlang out."""
