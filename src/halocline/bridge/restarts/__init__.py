"""What the exports of sea-ice states share: members read one by one, made consistent, columns, grid points, rules."""
