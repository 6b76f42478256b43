"""The editor: a server on this machine that draws a network as somebody writes it, in the browser."""
