"""Makes the bucket of OBJECT_STORE_URL and opens what is under assets/ to readers.

nginx cannot sign requests; so the store must be reachable from nginx and the application only.
What stands under originals/ stays closed to all without a key, and nothing can be listed.
Run it again at will.
"""

import os
import sys
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from minio import Minio

POLICY = Path(__file__).with_name("readers_policy.json")


def main() -> None:
    """Do it, for the address in the environment."""
    address = urlsplit(os.environ["OBJECT_STORE_URL"])
    options = parse_qs(address.query)
    bucket = address.path.strip("/")
    client = Minio(
        address.netloc.rpartition("@")[2],
        access_key=unquote(address.username or ""),
        secret_key=unquote(address.password or ""),
        secure=options.get("secure", ["1"])[0] == "1",
        region=options.get("region", ["us-east-1"])[0],
    )
    if not client.bucket_exists(bucket):
        client.make_bucket(bucket)
    client.set_bucket_policy(bucket, POLICY.read_text().replace("BUCKET", bucket))
    sys.stdout.write(f"{bucket}: objects under assets/ may be read\n")


if __name__ == "__main__":
    main()
