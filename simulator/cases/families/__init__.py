"""The families of cases, one file each; `simulator.cases.catalogue` finds them."""
