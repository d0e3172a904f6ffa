"""What a browser or an app may ask: to be known, to say something about its person, to report what happened."""
