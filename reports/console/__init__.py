"""The operator console's page: markup, style, script and drawings, in one document without any other resource."""
