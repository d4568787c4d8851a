"""The characters of the demo, one function a theme; README.md says what each should come to.

Contact ids, and the event ids given here, do not change: tests refer to them.
"""

from datetime import datetime, timedelta

HOUR = timedelta(hours=1)
TUESDAYS = [f"{datetime(2026, 8, 11) + timedelta(weeks=week):%m-%d}" for week in range(14)]
LINKS = ["/products", "/pricing", "/docs/calibration", "/blog/ph-drift", "/demo", "/contact"]
GATEWAY = "Barracuda Sentinel (EE)"

# Contact, name, company, address if not the usual, weekly newsletters sent, those of them opened.
CAST = """\
C001|Anna Berg|0|Anna.Berg@Harbor-Foods.example|08-11..11-10|09-08 10-06 10-20 10-27 11-03 11-10
C002|Rolf Großmann|3||08-11..11-10|
C003|Niamh Ashworth|7||08-11..11-10|
C004|Kaisa Tamm|9||10-06..11-10|
C005|Élodie Dubreuil|2||08-11..11-10|08-11 09-08 09-22 10-06 10-20 11-03 11-10
C006|Iñigo Echeverría|10||08-11..09-15 10-13..11-10|08-25 09-01 10-13 10-20 11-03 11-10
C007|Marta Peña|10|||
C008|Oliver Whitfield|1||08-11..10-27|09-29 10-13 10-20 10-27
C009|Ayşe Yıldız|1|||
C010|Bohumil Říha|11||10-06..11-10|10-20 11-03 11-10
C011|B. Riha|11|riha@podhori-voda.example|08-11..10-27|08-25 09-08 10-20 10-27
C012|Thandiwe Dlamini|4|||
C013|Thandi Dlamini|4|||
C014|T. Dlamini|4|td@copper-creek.example||
C015|Jürgen Köhler|3||10-06..11-10|10-27 11-03
C016|Siobhán D'Arcy-Hale|6|||
C017|Linh Trần|5||10-20..11-10|
C018|Paweł Dąbek|12||08-25..10-27|09-15 10-20 10-27
C019|Farah Haddad|2|||
C020|João Magalhães|14||08-11..10-06|09-22 10-06
C021|Ioana Munteanu|8||08-11..09-08 10-20..11-10|10-20 11-03
C022|Kwame Mensah|4||08-11..11-10|09-29 10-06 10-20 10-27
C023|Nuria Ibáñez|10|||
C024|Heike Brandt|3||09-22..11-10|10-06 10-13 10-20
C025|Þóra Tamm|9||08-11..11-10|08-18 08-25 09-01 09-08 09-15 09-22
C026|三浦 みずほ|13|mizuho.miura@kitamizu.example||""".splitlines()


def at(text):
    """Read a story's '11-03 09:14' (or with seconds) as a time in 2026."""
    return datetime.fromisoformat(f"2026-{text}")


def cast(demo):
    """Put the characters on stage: contacts rows, newsletters, which of them they opened."""
    for line in CAST:
        contact_id, name, company, address, issues, opened = line.split("|")
        address = demo.contact(contact_id, name, int(company), address)
        spans = [span.split("..") for span in issues.split()]
        if spans:
            demo.add("list_memberships", "newsletter", contact_id, "2026-03-02T10:00:00Z")
        for day in TUESDAYS:
            if any(first <= day <= last for first, last in spans):
                demo.newsletter(contact_id, address, day)
            if day in opened.split():
                demo.open(demo.mails[contact_id, day])


def hot_lead(demo):
    """C001 opens, clicks, reads prices, asks for a demo (address typed in capitals) and meets."""
    demo.knows("v-c001-laptop", "C001")
    demo.consent["v-c001-phone"] = "granted"
    for day in ("10-20", "10-27", "11-03", "11-10"):
        mail = demo.mails["C001", day]
        demo.click(mail, "/products", None, f"em-c001-click-{day}", "v-c001-phone")
        demo.click(mail, "/pricing", mail.delivered_at + 2 * HOUR, None, "v-c001-phone")
    for day in ("08-27", "09-24", "10-19", "10-23", "10-28", "11-02", "11-05", "11-09", "11-12"):
        pages = ["/", "/products/ph-probe", "/pricing", "/docs/calibration", "/pricing"]
        demo.visit("v-c001-laptop", at(f"{day} 13:20"), *pages)
    typed = " Anna.Berg@HARBOR-FOODS.example"
    demo.submit("v-c001-laptop", at("11-09 13:43"), "/demo", typed, "wb-c001-form")
    demo.activity("demo_requested", at("11-09 13:44"), "C001", "Through the web form")
    demo.activity("call_logged", at("11-10 10:05"), "C001", "Discussed the budget for 2027")
    demo.activity("meeting_booked", at("11-11 08:30"), "C001", "Product tour", "ac-c001-meeting")


def machines(demo):
    """C002 clicks six links in four seconds, C003 names its gateway, C004 is flagged: all 0."""
    for day in ("10-20", "10-27", "11-03", "11-10"):
        mail = demo.mails["C002", day]
        for number, (path, seconds) in enumerate(zip(LINKS, (2, 2, 3, 4, 5, 6), strict=True), 1):
            when = mail.delivered_at + timedelta(seconds=seconds)
            demo.click(mail, path, when, f"em-c002-click-{day}-{number}")
    demo.consent["v-c002-sandbox"] = "granted"  # some scanners press the banner's button, too
    when = demo.mails["C002", "11-03"].delivered_at + timedelta(seconds=3)
    landing = {"email_click_event_id": "em-c002-click-11-03-1"}
    demo.view("v-c002-sandbox", when, "/products", "wb-c002-landing", **landing)
    for day in ("09-22", "10-20", "11-10"):
        mail = demo.mails["C003", day]
        when = mail.delivered_at + timedelta(seconds=1)
        demo.open(mail, when, f"em-c003-open-{day}", user_agent=GATEWAY)
        demo.click(mail, "/pricing", when, f"em-c003-click-{day}", user_agent=GATEWAY)
    demo.open(demo.mails["C004", "11-10"], None, "em-c004-open", is_machine="true")


def unsubscribers(demo):
    """C005 left on day 5 but reads on, disqualified; C006 left, came back and scores again."""
    demo.knows("v-c005", "C005")
    mail = demo.mails["C005", "08-11"]
    demo.on_mail("email_unsubscribe", mail, at("08-12 10:02"), "em-c005-unsubscribe")
    for day in ("09-08", "09-22", "10-06", "10-20", "11-03", "11-10"):
        demo.click(demo.mails["C005", day], "/products", visitor="v-c005")
    mail = demo.mails["C006", "09-15"]
    demo.on_mail("email_unsubscribe", mail, at("09-15 15:30"), "em-c006-unsubscribe")
    demo.on_mail("email_resubscribe", mail, at("10-07 08:12"), "em-c006-resubscribe")


def hard_bouncers(demo):
    """C007's old address bounced and has a successor; C008's current one bounced."""
    old, new = "marta.pena@sierra-riego.example", demo.contacts["C007"]["email_address"]
    demo.add("identities", "email", old, "C007", "2026-10-29T09:00:00Z")
    demo.contacts["C007"]["updated_at"] = "2026-10-29T09:00:00Z"
    for day in ("09-15", "10-13", "10-20"):
        demo.open(demo.newsletter("C007", old, day), None, f"em-c007-open-{day}")
    demo.newsletter("C007", old, "10-27", "email_hard_bounce", "em-c007-bounce")
    for day in ("11-03", "11-10"):
        demo.open(demo.newsletter("C007", new, day), None, f"em-c007-open-{day}")
    address = demo.contacts["C008"]["email_address"]
    demo.newsletter("C008", address, "11-03", "email_hard_bounce", "em-c008-bounce")


def late_identity(demo):
    """C009 browses for eleven weeks without a name, then fills in the form."""
    demo.consent["v-c009"] = "granted"
    for week in range(11):
        when = at("08-21 11:10") + timedelta(weeks=week)
        demo.visit("v-c009", when, "/products/turbidity-meter", LINKS[week % 4])
    demo.view("v-c009", at("11-06 11:24"), "/pricing", "wb-c009-view")
    address = demo.contacts["C009"]["email_address"]
    demo.submit("v-c009", at("11-06 11:30"), "/contact", address, "wb-c009-form")
    demo.contacts["C009"] |= dict.fromkeys(("created_at", "updated_at"), "2026-11-06T11:31:00Z")


def merged(demo):
    """C011 was merged into C010, C014 into C013 into C012: all events of one person unite."""
    for contact_id, into in (("C011", "C010"), ("C014", "C013"), ("C013", "C012")):
        demo.contacts[contact_id]["merged_into_contact_id"] = into
    demo.activity("call_logged", at("10-22 09:40"), "C011", "Discussed the budget for 2027")
    for contact_id, day in (("C012", "11-04"), ("C013", "10-28"), ("C014", "10-21")):
        address, visitor = demo.contacts[contact_id]["email_address"], f"v-{contact_id.lower()}"
        mail = demo.send(address, "sensor-guide", contact_id, at(f"{day} 08:00"))
        demo.open(mail, None, f"em-{contact_id.lower()}-open")
        demo.click(mail, "/docs/installation", visitor=visitor)
        demo.consent[visitor] = "granted"
    demo.add("list_memberships", "spring-webinar", "C014", "2026-04-15T12:00:00Z")


def consents(demo):
    """C015 granted, then refused: no web points at all; C016 never decided: none either."""
    demo.knows("v-c015", "C015", consent="")
    demo.add("consents", "v-c015", "true", "2026-08-14T08:05:00Z")
    demo.add("consents", "v-c015", "false", "2026-10-30T16:20:00Z")
    for day in ("08-14", "09-10", "10-21", "10-29", "11-11"):
        demo.visit("v-c015", at(f"{day} 08:06"), "/", "/products", "/pricing")
    demo.knows("v-c016", "C016", consent="")
    for day in ("09-17", "10-20", "11-05"):
        demo.visit("v-c016", at(f"{day} 15:30"), "/products", "/pricing", "/docs/api")


def repeats(demo):
    """C017 opens one message six times and clicks one link three times."""
    mail = demo.mails["C017", "11-10"]
    for number in range(1, 7):
        demo.open(mail, mail.delivered_at + 9 * number * HOUR, f"em-c017-open-{number}")
    for number in range(1, 4):
        when = mail.delivered_at + 19 * number * HOUR
        demo.click(mail, "/pricing", when, f"em-c017-click-{number}")


def erased(demo):
    """C018 asked to be deleted: neither the person nor any event may be seen."""
    demo.contacts["C018"]["deleted_at"] = "2026-11-01T09:00:00Z"
    demo.add("identities", "email", "p.dabek@mailbox.example", "C018", "2026-09-01T10:00:00Z")
    demo.knows("v-c018", "C018")
    demo.click(demo.mails["C018", "10-20"], "/demo", None, "em-c018-click", "v-c018")
    demo.open(demo.send("p.dabek@mailbox.example", "sensor-guide", "C018", at("09-30 08:00")))
    demo.visit("v-c018", at("10-22 10:10"), "/", "/pricing", "/contact")
    demo.activity("call_logged", at("10-23 14:00"), "C018", "Delete everything", "ac-c018-call")


def phone_only(demo):
    """C019 has no address, yet scores by a known visitor and by what the CRM logged."""
    demo.contacts["C019"]["email_address"] = ""
    demo.knows("v-c019", "C019")
    demo.visit("v-c019", at("10-29 09:00"), "/", "/products", "/pricing", "/docs/installation")
    demo.activity("call_logged", at("10-28 13:15"), "C019", "Wants twelve probes, has a budget")
    demo.activity("meeting_attended", at("11-04 13:00"), "C019", "Site survey done")


def soft_bouncers(demo):
    """C020's last five messages bounced; C021's five came before a delivery; C022 complained."""
    for contact_id, days in (("C020", TUESDAYS[9:]), ("C021", TUESDAYS[5:10])):
        for day in days:
            event_id = f"em-{contact_id.lower()}-bounce-{day}"
            address = demo.contacts[contact_id]["email_address"]
            demo.newsletter(contact_id, address, day, "email_soft_bounce", event_id)
    mail = demo.mails["C022", "10-06"]
    demo.on_mail("email_spam_complaint", mail, at("10-06 18:45"), "em-c022-complaint")


def poor_prospects(demo):
    """C023 reads about careers only; C024's deal was lost; C025 went silent after September."""
    demo.contacts["C023"]["job_title"] = "Student"
    demo.knows("v-c023", "C023")
    for day in ("10-12", "10-19", "10-26", "11-02"):
        demo.visit("v-c023", at(f"{day} 19:05"), "/careers", "/careers/field-engineer")
    demo.activity("meeting_attended", at("10-08 09:00"), "C024", "Pricing talk, CFO joined")
    demo.activity("deal_lost", at("10-27 15:10"), "C024", "Chose another supplier", "ac-c024-lost")
    demo.knows("v-c025", "C025")
    for day in ("08-25", "09-01", "09-08", "09-15"):
        demo.click(demo.mails["C025", day], "/pricing", visitor="v-c025")
        demo.visit("v-c025", at(f"{day} 13:00"), "/products", "/docs/api", "/pricing")


def edge(demo):
    """C026 views a page exactly 30 days before as-of, and another a second earlier."""
    demo.knows("v-c026", "C026")
    demo.view("v-c026", at("10-16 23:59:59"), "/", "wb-c026-outside")
    demo.view("v-c026", at("10-17 00:00"), "/products", "wb-c026-inside")


def broken_rows(demo):
    """Three rows that can only be rejected; read carelessly, two would score for C001."""
    demo.open(demo.mails["C001", "11-10"]._replace(id="reminder.C001"), at("11-11 07:30"))
    demo.tables["email_events"][-1]["event_id"] = ""
    demo.view("v-c001-laptop", at("11-12 08:00"), "/pricing", "wb-broken-time")
    demo.tables["web_events"][-1]["occurred_at"] = "yesterday"
    demo.activity("call_logged", at("11-12 08:15"), "", "Anna again: budget", "ac-broken-actor")


STORY = [cast, hot_lead, machines, unsubscribers, hard_bouncers, late_identity, merged, consents]
STORY += [repeats, erased, phone_only, soft_bouncers, poor_prospects, edge, broken_rows]
