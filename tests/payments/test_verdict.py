from payments.verdict import Check, Ruling, Verdict


def test_the_failed_checks_of_a_verdict_are_those_that_did_not_pass() -> None:
    good, bad = (Check(name=str(ok), passed=ok, sentence="So.", on_failure="ask") for ok in (True, False))
    verdict = Verdict(ruling=Ruling.ASK, risk="low", confidence=0.5, checks=(good, bad), sentence="Ask.")
    assert verdict.failed == (bad,)
