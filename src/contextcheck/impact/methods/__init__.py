"""One module per counterfactual method, behind one promise; `interface.py` names them, best first."""
