"""What shoppers, rings, carriers and machines do: one small record with an `act` function per behaviour.

None of them looks at what any detector or sign test computes. See `contextcheck.simulate.behaviours.library` for the
table by name.
"""
