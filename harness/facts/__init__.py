"""What a trace tells beside verdicts: how fast replies came, how much was sent, who the station said it is, which clauses are exercised."""
