"""The code that Lambda calls: the handlers, the parser of events, and the deployment's custom resource."""
