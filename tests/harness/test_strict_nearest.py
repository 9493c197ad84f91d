"""What is said of a misspelt name: a list while it can be read, the closest few of very many."""

from harness.model.strict import nearest


def test_of_a_few_names_all_are_told():
    assert nearest("contcts", ("contacts", "leak")) == "did you mean 'contacts'? Valid here: contacts, leak"
    assert nearest("q", ("contacts", "leak")) == "valid here: contacts, leak"


def test_of_very_many_names_the_closest_few_are_told():
    many = tuple(f"fault_{number:03}" for number in range(400))
    told = nearest("fault_12", many)
    assert told.startswith("did you mean 'fault_")
    assert told.endswith("and 392 more")
    assert len(told) < 150
    assert nearest("zzz", many).endswith("fault_007 and 392 more")
