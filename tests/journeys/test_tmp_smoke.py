def test_smoke(live_server, phone_page, sign_in_as):
    name = sign_in_as(phone_page, "teacher")
    assert name
    phone_page.screenshot(path="/tmp/k/smoke.png")
    live_server.kill(); live_server.start()
    phone_page.goto(live_server.url + "/")
