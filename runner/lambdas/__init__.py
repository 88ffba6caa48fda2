"""What Lambda calls: handlers, the events that they understand, and the deployment's custom resource."""
