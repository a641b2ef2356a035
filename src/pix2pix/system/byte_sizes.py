"""Numbers of bytes as people read them."""


def human_bytes(count: int) -> str:
    """`count` bytes in binary units with one decimal: 30168306 -> '28.8 MiB'; below 1024 the exact number of bytes."""
    if count < 1024:
        return "1 byte" if count == 1 else f"{count} bytes"
    size = float(count)
    for unit in ("KiB", "MiB", "GiB"):
        size /= 1024
        if size < 1023.95:
            return f"{size:.1f} {unit}"
    return f"{size / 1024:.1f} TiB"
