"""Her page in a browser: the site, the server behind it, and the lines on which its calls go."""
