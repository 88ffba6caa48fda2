"""The pipeline on AWS: CDK app and stacks, the state machine's definition, and the costs."""
