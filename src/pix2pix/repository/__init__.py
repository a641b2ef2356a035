"""Git and DVC as this program reads them."""
