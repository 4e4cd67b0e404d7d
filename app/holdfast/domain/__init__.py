"""Facts and rules: frozen values, parsed once at the border. No I/O."""
