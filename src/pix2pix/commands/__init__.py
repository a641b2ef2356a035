"""The commands of `pix2pix`: every module here is one, and gives `add(subparsers)`, which describes it and says what it runs."""
