"""A company writes a playbook of its own, as docs/playbooks.md shows, puts it to use, and an incident runs by it."""

from pathlib import Path

from tests.docs.pages import blocks, read_page
from tests.operations.commands import tocsin
from tests.stories.conftest import Line

FIRST, GROWN = (block.text for block in blocks(read_page("docs/playbooks.md"), "yaml") if block.text.startswith("playbook:"))


async def use(line: Line, folder: Path, source: str) -> tuple[int, str]:
    file = folder / "falling_object.yaml"
    file.write_text(source, "utf-8")
    return await tocsin(line.service, "playbook", "use", str(file))


async def test_an_own_playbook_is_put_to_use_and_alerts(line: Line, tmp_path: Path) -> None:
    async with line.service.running("serve"):
        declaration: dict[str, object] = {"kind": "falling_object", "place": "3-2", "facts": {}}
        assert (await line.post("/incidents", declaration))[0] == 422

        code, said = await use(line, tmp_path, FIRST)
        assert code == 0 and "from the next incident on" in said, said
        status, first = await line.post("/incidents", declaration)
        assert status == 201, first
        await line.phone("zhao").receives("坠物")
        await line.phone("zhao").replies("3")
        await line.phone("zhao").receives("已")

        code, said = await use(line, tmp_path, GROWN)
        assert code == 0 and "replaces falling_object version 1" in said, said
        assert "no number for ambulance_120" not in said, "the small town has that number"
        code, said = await tocsin(line.service, "playbook", "list")
        assert code == 0 and "falling_object 2" in said and "falling_object 1" not in said
        status, second = await line.post("/incidents", {**declaration, "place": "5-1", "facts": {"hurt": True}})
        assert status == 201, second
        assert "拨打120" in str(await line.get(f"/incidents/{second['id']}/tasks"))
        assert "拨打120" not in str(await line.get(f"/incidents/{first['id']}/tasks")), "an incident keeps the version it began with"


async def test_what_may_not_be_used_changes_nothing(line: Line, tmp_path: Path) -> None:
    assert (await use(line, tmp_path, FIRST))[0] == 0
    code, said = await use(line, tmp_path, FIRST.replace("every: 3m", "within: 3m"))
    assert code == 1 and "gives up" in said
    code, said = await use(line, tmp_path, FIRST.replace("within: 2m", "within: 3m"))
    assert code == 1 and "Raise `version`" in said
    silent = FIRST.replace("version: 1", "version: 3").replace("    alert:\n", "    when: {broadcast_now: yes}\n    alert:\n", 1)
    code, said = await use(line, tmp_path, silent)
    assert code == 1 and "This can happen" in said, said
    code, said = await tocsin(line.service, "playbook", "list")
    assert code == 0 and "falling_object 1" in said


async def test_going_back_is_using_the_old_file(line: Line, tmp_path: Path) -> None:
    for source in (FIRST, GROWN, FIRST):
        assert (await use(line, tmp_path, source))[0] == 0
    _, said = await tocsin(line.service, "playbook", "list")
    assert "falling_object 1" in said and "falling_object 2" not in said
