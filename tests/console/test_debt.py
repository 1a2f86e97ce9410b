"""Contact debt at the desk: each home says what to do next, one click or one number takes it off the list, and looks are noted."""

from playwright.async_api import Locator, Page, expect

from people.directory.access import looks
from people.persons import NewContactPoint, add_contact_point
from tests.console.conftest import Console, Look

BOB = "Building 5 Unit 1 Home 101"


def home(page: Page, name: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=name))


async def points_of(console: Console, name: str) -> list[tuple[str, str]]:
    async with console.community() as tx:
        rows = await tx.connection.fetch(
            "SELECT address, quality FROM contact_point WHERE person_id = $1 ORDER BY id", console.town.people[name]
        )
    return [(row["address"], row["quality"]) for row in rows]


async def test_the_desk_works_the_list_down(console: Console) -> None:
    town = console.town
    async with console.community() as tx:
        bad = {"mrs_wang": "wrong", "mr_zhou": "failing", "alice": "opted_out"}
        for name, quality in bad.items():
            await tx.connection.execute("UPDATE contact_point SET quality = $2 WHERE person_id = $1", town.people[name], quality)
        await tx.connection.execute("DELETE FROM contact_point WHERE person_id = $1", town.people["bob"])
        await add_contact_point(tx, NewContactPoint(town.people["bob"], "email", "bob@example.org", quality="good"))
    page = await console.page("/debt", Look("en"))
    await expect(page.get_by_text("3 of 4 homes cannot be told")).to_be_visible()
    await expect(home(page, BOB)).to_have_count(0)

    wang = home(page, "Building 3 Unit 2 Home 1502")
    await expect(wang.get_by_text("every number is wrong")).to_be_visible()
    await expect(wang.get_by_role("button", name="It works")).to_have_count(0)
    await wang.get_by_label("New number").fill("139 0000 7777")
    await wang.get_by_role("button", name="Save").click()
    await expect(wang).to_have_count(0)
    assert await points_of(console, "mrs_wang") == [(town.phone("mrs_wang"), "wrong"), ("+8613900007777", "unproven")]

    zhou = home(page, "Building 3 Unit 2 Home 1503")
    await expect(zhou).not_to_contain_text(town.phone("mr_zhou")[-8:])
    await zhou.get_by_role("button", name="Show number").click()
    await expect(zhou.get_by_role("link", name="139 0000 0002")).to_be_visible()
    async with console.community() as tx:
        (look,) = await looks(tx)
    assert (look.actor_name, look.person_id, look.what, look.why) == ("孙主管", town.people["mr_zhou"], "address", "contact_debt")
    supervisor = await console.page("/looks", Look("zh-CN"))
    await expect(supervisor.get_by_role("listitem").filter(has_text="孙主管")).to_contain_text("看了周先生的联系方式")
    await zhou.get_by_role("button", name="It works").click()
    await expect(zhou).to_have_count(0)
    assert await points_of(console, "mr_zhou") == [(town.phone("mr_zhou"), "good")]

    await home(page, "Building 3 Unit 2 Home 1601").get_by_role("button", name="No answer: tomorrow").click()
    await expect(page.get_by_text("Every home can be told")).to_be_visible()
    await page.get_by_label("Also those with no telephone").check()
    await page.get_by_role("button", name="Show", exact=True).click()
    await expect(home(page, BOB).get_by_text("no telephone: cannot be woken at night")).to_be_visible()
    await home(page, BOB).get_by_label("New number").fill("880012")
    await home(page, BOB).get_by_role("button", name="Save").click()
    await expect(page.get_by_role("alert").filter(has_text="a landline needs its area code")).to_be_visible()
    await page.get_by_role("link", name="Back").click()
    await expect(page.get_by_role("heading", level=1, name="Missing contacts")).to_be_visible()
