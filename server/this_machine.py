"""Which names and addresses are the machine's own."""

from ipaddress import ip_address


def is_this_machine(name: str) -> bool:
    """Return whether an address or a host's name leads to the machine that asks."""
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
