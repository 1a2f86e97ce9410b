import os, pytest
from tests.console.conftest import Console, Look, LOOKS
OUT="/tmp/w2/shots"
os.makedirs(OUT, exist_ok=True)
async def test_shots(console: Console):
    a = await console.declare("elevator_entrapment","3-2-L1")
    b = await console.declare("power_cut","3")
    await console.know(a, people_inside=2, medical_need=True)
    await console.tell_residents(b)
    await console.story.forward(minutes=1, seconds=20)
    pages={"desk":"/","declare0":"/declare","declare1":"/declare?kind=elevator_entrapment&q=3.2","declare2":"/declare?kind=power_cut&q=5","repair":"/declare?kind=power_cut&q=5&fact_scope=only_my_home","drill":"/declare?drill=1&kind=elevator_entrapment&q=5.1","same":"/declare?kind=power_cut&q=3",
     "questions":f"/declare/{a.number}","room_a":f"/i/{a.number}","room_b":f"/i/{b.number}","answer":console.answer_link("zhang"),"resident":await console.resident_link("mrs_wang"),"missing":"/i/999","badlink":"/a/1-1-1-aaaaaaaaaaaaaaaaaaaa","login":"/login"}
    only=os.environ.get("ONLY","").split(",") if os.environ.get("ONLY") else list(pages)
    for look in (Look("zh-CN","light",1440),Look("en","dark",390),Look("zh-CN","dark",1440),Look("en","light",390), Look("en","light",1440),Look("zh-CN","light",390)):
        if os.environ.get("LOOK") and os.environ["LOOK"] not in look.name: continue
        v=await console.visitor(look)
        page=await v.new_page()
        page.on("console", lambda m: print("CONSOLE", m.type, m.text) if m.type in("error","warning") else None)
        page.on("pageerror", lambda e: print("PAGEERROR", e))
        for name in only:
            path = pages[name]
            if name=="login": await v.clear_cookies(name="tocsin")
            r=await page.goto(console.url+path)
            if r.status>=400 and name not in("missing","badlink"): print("STATUS",name,r.status,(await page.inner_text("body"))[:300])
            w=await page.evaluate("document.documentElement.scrollWidth")
            if w>look.width: print("OVERFLOW",name,look.name,w)
            if name in("room_a","desk"): await page.wait_for_timeout(600)
            await page.screenshot(path=f"{OUT}/{name}-{look.name}.png", full_page=True)
        await v.close()
