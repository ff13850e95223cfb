"""Object stores and web servers, reached by address: read through a mirror, written by upload with a marker."""
