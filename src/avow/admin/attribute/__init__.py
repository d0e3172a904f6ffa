"""How does one attribute fare, and what is decided about it? Its page, its definition, and what is held of it."""
