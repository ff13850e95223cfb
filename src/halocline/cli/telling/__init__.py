"""What commands print beside the report: tables and summaries of what they found."""
