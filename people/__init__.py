"""Who and where: places, people, contact points, departments, rosters and audiences."""
