"""How the outside reaches us: the JSON interface, the gateways' hooks, log-in, and the pages. Only this package knows HTTP."""
