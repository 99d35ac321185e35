"""A small Aura: finds a Pulse, mirrors its project, moves parameters, reads meters."""
