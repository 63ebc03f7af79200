"""The assistant on the web: an API, pages of the sources, the protocols of other people's tools, and the chat beside them."""
