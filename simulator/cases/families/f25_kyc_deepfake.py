"""25, a face that may be generated: the liveness check of a new customer reports an anomaly.

An old telephone with a scratched lens gives the same report. A second check over live video, with a random
request, settles it; papers are as easily generated as faces.
"""

from typing import Final

from simulator.cases.family import Family, Finding, Surface, World, silent, tell
from simulator.cases.losses import benign, illicit

FAMILY: Final = Family(
    number="25",
    name="kyc_deepfake",
    title="A liveness anomaly at onboarding, then the first large payment",
    group="fraud",
    tier="hard",
    worlds=(
        World("generated_face", 0.32, is_illicit=True, losses=illicit(4200.0, "reject", "sar", 1200.0)),
        World("stolen_document", 0.16, is_illicit=True, losses=illicit(3900.0, "reject", "sar", 1100.0)),
        World("old_camera", 0.32, is_illicit=False, losses=benign(3600.0)),
        World("bad_light", 0.2, is_illicit=False, losses=benign(3400.0)),
    ),
    surface=Surface(
        amount=5900.0,
        risk_score=0.62,
        flags=("liveness_anomaly", "new_account", "new_device"),
        memos=("First transfer", "Funding {receiver}", "Deposit for equipment"),
        ml_confidence=0.58,
        velocity_24h=2,
        account_age_days=6,
        kyc_status="pending",
        velocity_jitter=1,
    ),
    questions={
        "inspect": tell(
            bad="The picture came from a virtual camera program.",
            unclear="The telephone's model is not in the provider's list of cameras.",
            good="The picture came from a six-year-old telephone that other customers use without trouble.",
            hit=0.7,
            alarm=0.22,
            silence=0.4,
            bad_facts=(),
        ),
        "request_docs": silent("A utility bill in the name of {sender} came, in flawless print."),
        "verify_kyc": (
            Finding(
                "Asked over live video to cover one eye, the face broke up at its edges.",
                {"generated_face": 0.9, "stolen_document": 0.3, "benign": 0.02},
                frozenset({"suspicion"}),
            ),
            Finding(
                "Live video passed; the document's chip could not be read.",
                {"generated_face": 0.07, "stolen_document": 0.6, "old_camera": 0.09, "bad_light": 0.12},
            ),
            Finding(
                "Live video passed, and the chip carries the same face as {sender}.",
                {"generated_face": 0.03, "stolen_document": 0.1, "old_camera": 0.89, "bad_light": 0.86},
                frozenset({"kyc_passed"}),
            ),
        ),
        "contact_sender": tell(
            bad="The line was answered with a delay, and the answers repeat the questions.",
            unclear="The line was poor, and little could be understood.",
            good="{sender} answered at once and joked about the old telephone.",
            hit=0.6,
            alarm=0.15,
            silence=0.35,
            bad_facts=(),
        ),
    },
    hints=("verify_kyc",),
)
