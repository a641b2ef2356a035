"""The commands of `pix2pix`: every module but main is one, with `add(subparsers)`, which describes it and says what it runs."""
