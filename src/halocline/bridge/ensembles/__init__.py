"""States of sea ice in the forms that assimilation systems take: ensembles of members, and states as observations."""
