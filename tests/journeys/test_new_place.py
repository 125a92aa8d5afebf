"""A new project for another place, from its first command to its first post."""

from journeys.place import Place

NEW = ["--name", "A pilot", "--languages", "ro en", "--zone", "Europe/Bucharest", "--country", "RO"]


def test_from_init_to_the_first_post(here: Place) -> None:
    project = here.folder / "pilot"
    said = here.outreach("init", str(project), *NEW)
    assert said.code == 0, said.text
    to_verify = [line.split()[4].rstrip(",") for line in said.lines if line.startswith("- verify the helpline")]
    assert to_verify

    said = here.outreach("check", project=project)
    assert said.code == 2
    told = [line for line in said.lines if ": " in line]
    assert told
    assert all(any(name in line for name in to_verify) for line in told), "nothing is wrong but what is to verify"
    assert here.outreach("plan", "--apply", project=project).code == 2

    for name in to_verify:
        verified = here.outreach("helplines", "verify", name, "--by", "editor", "--how", "source", project=project)
        assert verified.code == 0, verified.text
    assert here.outreach("check", "--strict", project=project).code == 0
    assert here.outreach("plan", "--apply", project=project).code == 0
    assert here.outreach("approve", "job-offer", "--by", "coordinator", "--yes", project=project).code == 0

    here.at("2026-12-14T10:01+02:00")
    assert here.outreach("deliver", project=project).text.strip() == "2 sent"
    status = here.outreach("status", project=project)
    assert status.text.count("ready to be carried out by hand") == 2
    tasks = sorted((project / "state" / "by-hand").glob("*/*/text.txt"))
    assert len(tasks) == 2
    assert all("112" in task.read_text("utf-8") for task in tasks)


def test_a_folder_that_is_not_empty_is_left_alone(here: Place) -> None:
    before = (here.folder / "outreach.toml").read_bytes()
    said = here.outreach("init", str(here.folder), *NEW)
    assert said.code == 2
    assert (here.folder / "outreach.toml").read_bytes() == before
