"""Real services for tests: PostgreSQL, an S3 server, nginx, Chromium, and the product itself."""
