"""Commands of version 0.1 that go on working."""
