"""A community of thousands of homes: buildings, units with an elevator each, floors, homes, and those who live in them."""

from random import Random

from people.bulk import AddressLine, PersonLine, PlaceLine
from tocsin.app.demo.plan import TownPlan

FLOORS, DOORS, UNITS = 25, 4, 2
HOMES_PER_BUILDING = FLOORS * DOORS * UNITS


def place_lines(homes: int) -> tuple[list[PlaceLine], list[str], list[str]]:
    """Lines for so many homes (whole buildings of 200), the codes of the homes, and the rescue codes of the elevators."""
    lines = [PlaceLine("community", None, "0", {"zh-CN": "云栖花园", "en": "Cloud Garden"}, "", 0)]
    codes: list[str] = []
    rescue_codes: list[str] = []
    for building in range(1, homes // HOMES_PER_BUILDING + 1):
        names = {"zh-CN": f"{building}栋", "en": f"Building {building}"}
        lines.append(PlaceLine("building", "0", str(building), names, str(building), building, aliases=(f"88弄{building}号",)))
        for unit in range(1, UNITS + 1):
            code = f"{building}-{unit}"
            named = {"zh-CN": f"{building}栋{unit}单元", "en": f"Building {building} Unit {unit}"}
            lines.append(PlaceLine("unit", str(building), code, named, str(unit), unit))
            rescue_codes.append(str(200_000 + len(rescue_codes)))
            lift = {"zh-CN": f"{named['zh-CN']}1号梯", "en": f"{named['en']} Elevator 1"}
            lines.append(PlaceLine("facility", code, f"{code}-L1", lift, "1号梯", 1, "elevator", rescue_codes[-1]))
            for floor in range(1, FLOORS + 1):
                level = {"zh-CN": f"{named['zh-CN']}{floor}层", "en": f"{named['en']} Floor {floor}"}
                lines.append(PlaceLine("floor", code, f"{code}-{floor}", level, str(floor), floor))
                for door in range(1, DOORS + 1):
                    label = f"{floor}{door:02d}"
                    home = {"zh-CN": f"{named['zh-CN']}{label}", "en": f"{named['en']} Home {label}"}
                    lines.append(PlaceLine("home", f"{code}-{floor}", f"{code}-{label}", home, label, door))
                    codes.append(f"{code}-{label}")
    return lines, codes, rescue_codes


def resident_line(plan: TownPlan, chance: Random, home: str) -> PersonLine:
    """Somebody who lives there: a common name, a mobile number, and with three in ten a car."""
    name = chance.choice(plan.surnames) + "".join(chance.choice(plan.given_names)[0] for _ in range(chance.choice((1, 2, 2))))
    mobile = AddressLine("mobile", f"+861{chance.randrange(3 * 10**9, 10**10)}", quality="good")
    plates = (f"浙A{chance.randrange(100_000):05d}",) if chance.random() < 0.3 else ()
    return PersonLine("resident", name, addresses=(mobile,), home_codes=(home,), plates=plates)
