"""What commands share: options of readers and exports, and the class that checks arguments."""
