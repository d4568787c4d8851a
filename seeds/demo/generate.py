"""Write the demo's raw tables beside this file: one small company's quarter, with a story in it.

`python generate.py` needs the standard library only and writes the same bytes every time. README.md
says who the characters are, story.py what they do. The only randomness is `Random.random()`, which
every Python computes alike.
"""

import csv
import random
import unicodedata
from collections import Counter, namedtuple
from datetime import datetime, timedelta
from pathlib import Path

from story import HOUR, LINKS, STORY, TUESDAYS, at

SEED = 20261116
AS_OF = datetime(2026, 11, 16)
FIRST_DAY = "2026-08-08"
# the half year before it, in which the mail tool kept nothing but clicks
MONTHS = ["02-10", "03-10", "04-14", "05-12", "06-09", "07-07"]
TOTAL_CONTACTS = 200  # rows, the characters included
TOTAL_EVENTS = 4960  # before redelivery, which adds some 80 rows
SITE = "https://www.example.com"
PREFIX = {"email_events": "em", "web_events": "wb", "activities": "ac"}
COLUMNS = {
    "contacts": "contact_id email_address full_name company_name job_title country phone owner "
    "account_id created_at updated_at merged_into_contact_id deleted_at",
    "identities": "identity_type identity_value contact_id linked_at",
    "email_events": "event_id event_type occurred_at email_address received_at message_id "
    "campaign_id link_url user_agent is_machine",
    "web_events": "event_id event_type occurred_at visitor_id received_at page_url "
    "email_click_event_id email_address user_agent",
    "activities": "event_id event_type occurred_at contact_id received_at detail",
    "consents": "visitor_id is_granted decided_at",
    "lists": "list_id list_name",
    "list_memberships": "list_id contact_id added_at removed_at",
    "attributes": "contact_id attribute_name attribute_value updated_at",
}

# Addresses are under the reserved .example, numbers among those that a country keeps for fiction.
COMPANIES = """\
Harbor Foods AB|Sweden|harbor-foods.example|+46 8 465 004 {:02d}
Brightwater, Lund & Co.|United Kingdom|brightwater-lund.example|+44 20 7946 0{:03d}
Aqualys Énergie|France|aqualys.example|+33 1 99 00 12 {:02d}
Rheinufer Brauerei GmbH|Germany|rheinufer-brauerei.example|+49 30 23125 {:03d}
Copper Creek Utilities|United States|copper-creek.example|+1 212 555 01{:02d}
Blue Gum Dairies|Australia|bluegum-dairies.example|+61 2 5550 0{:03d}
Shannonside Salmon Ltd|Ireland|shannonside-salmon.example|+353 20 910 0{:03d}
St. Brannoc's Hospital Trust|United Kingdom|st-brannoc.example|+44 20 7946 0{:03d}
Prairie Lakes Water District|United States|prairie-lakes.example|+1 612 555 01{:02d}
Fjordvik Havbruk AS|Norway|fjordvik.example|
Riegos Sierra Alta, S.L.|Spain|riegos-alta.example|
Vodárna Podhoří a.s.|Czechia|podhori-voda.example|
Biała Papier Sp. z o.o.|Poland|biala-papier.example|
北水計測株式会社|Japan|kitamizu.example|
Vale Verde Celulose Ltda.|Brazil|verde-celulose.example|""".splitlines()
EMPLOYEES = [1200, 85, 640, 310, 2400, 150, 90, 5200, 75, 1800, 45, 130, 560, None, 3900]
ONE_ACCOUNT = ("Copper Creek Utilities", "Prairie Lakes Water District")
OWNERS = ["Maya Lindqvist", "Tom Okafor", "Inês Carvalho", "Nadia Ferrante"]
TITLES = """Head of Quality|Plant Manager|Laboratory Technician|Process Engineer|Buyer
Facilities Manager|Sustainability Lead|Operations Director|Hygiene Officer|Data Analyst
Maintenance Planner|Chief Engineer|Compliance Manager|Field Technician""".replace("\n", "|")
GIVEN_AND_FAMILY = """\
Åsa Björn Ingrid Søren Märta Håkon Lovisa|Ek Sjögren Nygård Østby Lindahl Bjørnstad
Jürgen Käthe Detlef Annika Matthias Heike|Schäfer Großmann Köhler Vogel Brandt
Zoé Élodie François Benoît Margaux Thaïs|Lefèvre Dubreuil Garçonnet Pagès Besançon
Begoña Iñigo Nuria Joaquín Luísa Tomé|Muñoz Peña Ibáñez Echeverría Araújo Magalhães
Łukasz Małgorzata Agnieszka Paweł Grażyna|Wójcik Kowalczyk Dąbek Sęk Żurek
Zsófia Ádám Ștefan Ioana Gergő|Szabó Kőrösi Munteanu Țurcanu
Ayşe Çağla Oğuz Mehmet Işıl|Yıldız Öztürk Şahinoğlu Kılıç
Siobhán Niamh Oliver Grace Róisín|O'Sullivan Ashworth Whitfield D'Arcy-Hale
Päivi Jüri Kaisa Linh Đức Hương|Mäkinen Tamm Põld Trần Phạm Võ
Priya Farah Yusuf Chidinma Kwame Thandiwe|Nair Haddad Okonkwo Mensah Dlamini""".splitlines()
OTHER_SCRIPTS = """田中 さくら=sakura.tanaka|김하준=hajun.kim|Δάφνη Κοντού=dafni.kontou
Олена Шевчук=olena.shevchuk|陈思远=siyuan.chen|דנה לוי=dana.levi|अनन्या राव=ananya.rao
ნინო ბერიძე=nino.beridze""".replace("\n", "|").split("|")
LATIN = {"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "þ": "th", "æ": "ae", "ı": "i", "'": "", " ": "."}

CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 {}"
BROWSERS = [
    CHROME.format("Windows NT 10.0; Win64; x64", "Safari/537.36"),
    CHROME.format("Windows NT 10.0; Win64; x64", "Safari/537.36 Edg/129.0.0.0"),
    CHROME.format("Linux; Android 14; Pixel 8", "Mobile Safari/537.36"),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:131.0) Gecko/20100101 Firefox/131.0",
]
HOURS = [6, 7, 8, 8, 9, 9, 9, 10, 10, 11, 12, 13, 13, 14, 14, 15, 16, 18, 20]
PAGES = ["/", "/", "/products", "/products/ph-probe", "/products/turbidity-meter", "/pricing"]
PAGES += ["/docs/calibration", "/docs/api", "/docs/installation", "/blog/ph-drift", "/contact"]
PAGES += ["/blog/legionella-checks", "/blog/turbidity-basics", "/blog/sensor-fouling"]
DETAILS = {
    "call_logged": """Discussed the budget for 2027|Left a voicemail|No budget before spring
Asked "how fast can you ship?", wants twelve probes|Wants a quote for three sites""",
    "meeting_booked": "Product tour, 45 minutes|Site survey|Pricing talk",
    "meeting_attended": "Product tour, three people|Site survey done|Pricing talk, CFO joined",
    "demo_requested": "Through the web form",
    "trial_started": "Starter kit, 2 probes|Starter kit, 4 probes|Data platform only",
    "deal_lost": "Chose another supplier|Project postponed to 2028|Price",
}

# How likely somebody opens a message, and clicks in one opened; fewest and most visits; calls.
TIERS = {
    "keen": (0.8, 0.5, 8, 14, 5),
    "regular": (0.5, 0.3, 4, 8, 4),
    "casual": (0.25, 0.2, 0, 4, 2),
    "silent": (0, 0, 0, 0, 0),
}

Mail = namedtuple("Mail", "id campaign address delivered_at")
Person = namedtuple("Person", "id address tier visitor")


def iso(when):
    """Write a time as the raw tables have it."""
    return f"{when:%Y-%m-%dT%H:%M:%SZ}"


def slug(name):
    """Turn a name in Latin letters into the local part of an address."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(str.maketrans(LATIN)))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


class Demo:
    """The raw tables as they fill up, and the verbs that fill them."""

    def __init__(self, seed=SEED):
        self.random = random.Random(seed).random
        self.people = []
        self.tables = {table: [] for table in COLUMNS}
        self.contacts, self.mails, self.consent, self.serials = {}, {}, {}, Counter()

    def chance(self, probability):
        return self.random() < probability

    def number(self, low, high):
        return low + int(self.random() * (high - low + 1))

    def pick(self, choices):
        return choices[self.number(0, len(choices) - 1)]

    def moment(self, first=FIRST_DAY, last="2026-11-15"):
        """Some instant between two days, mostly in the office hours of a working day."""
        first, last = datetime.fromisoformat(first), datetime.fromisoformat(last)
        day = first + timedelta(days=self.number(0, (last - first).days))
        while day.weekday() > 4 and not self.chance(0.15):
            day = first + timedelta(days=self.number(0, (last - first).days))
        return day + timedelta(hours=self.pick(HOURS), seconds=self.number(0, 3599))

    def add(self, table, *values):
        self.tables[table].append(dict(zip(COLUMNS[table].split(), values, strict=False)))

    def contact(self, contact_id, name, company, address=None):
        """Add a contact, whose address follows from name and company; return the address."""
        company_name, country, domain, phone = COMPANIES[company].split("|")
        address = address or f"{slug(name)}@{domain}"
        title, owner = self.pick(TITLES.split("|")), self.pick(OWNERS)
        created, updated = self.moment("2024-02-01", "2025-12-31"), self.moment("2026-01-01")
        values = [name, company_name, title, country, phone.format(self.number(0, 99)), owner]
        self.add("contacts", contact_id, address, *values, "", iso(created), iso(updated))
        self.contacts[contact_id] = self.tables["contacts"][-1]
        return address.lower()

    def knows(self, visitor, contact_id, consent="granted"):
        """Link a visitor to a contact, as a login would, and settle the cookie banner."""
        self.add("identities", "visitor", visitor, contact_id, "2026-08-08T07:00:00Z")
        self.consent[visitor] = consent

    def event(self, table, event_type, when, event_id=None, **fields):
        """Add an event, which reaches us a little later; return its id."""
        self.serials[table] += 1
        event_id = event_id or f"{PREFIX[table]}-{self.serials[table]:05d}"
        late = self.number(2, 90) if self.chance(0.9) else self.number(120, 14400)
        received = min(when + timedelta(seconds=late), AS_OF - timedelta(seconds=1))
        head = {"event_id": event_id, "event_type": event_type, "occurred_at": iso(when)}
        self.tables[table].append(head | {"received_at": iso(received)} | fields)
        return event_id

    def on_mail(self, event_type, mail, when, event_id=None, **fields):
        """Something happened to a message; people's opens and clicks carry their browser."""
        if event_type in ("email_open", "email_click"):
            agent = BROWSERS[sum(map(ord, mail.address.lower())) % len(BROWSERS)]
            fields = {"user_agent": agent, "is_machine": "false"} | fields
        named = {"email_address": mail.address, "message_id": mail.id, "campaign_id": mail.campaign}
        return self.event("email_events", event_type, when, event_id, **named, **fields)

    def send(self, address, campaign, key, when, outcome="email_delivered", event_id=None):
        """Send one message: sent, then delivered (now and then deferred first) or bounced."""
        mail = Mail(f"{campaign}.{key}", campaign, address, when + timedelta(seconds=3))
        self.on_mail("email_sent", mail, when)
        if outcome == "email_delivered" and self.chance(0.02):
            self.on_mail("email_deferred", mail, mail.delivered_at)
            mail = mail._replace(delivered_at=when + timedelta(minutes=self.number(5, 40)))
        self.on_mail(outcome, mail, mail.delivered_at, event_id)
        return mail

    def newsletter(self, contact_id, address, day, outcome="email_delivered", event_id=None):
        when = at(f"{day} 09:00") + timedelta(seconds=self.number(0, 299))
        mail = self.send(address, f"newsletter-2026-{day}", contact_id, when, outcome, event_id)
        self.mails[contact_id, day] = mail
        return mail

    def open(self, mail, when=None, event_id=None, **fields):
        when = when or mail.delivered_at + timedelta(minutes=47)
        self.on_mail("email_open", mail, when, event_id, **fields)

    def click(self, mail, path, when=None, event_id=None, visitor=None, **fields):
        """Click a link; with a visitor, its page opens two seconds later and names the click."""
        path, when = f"{path}?utm_campaign={mail.campaign}", when or mail.delivered_at + HOUR
        event_id = self.on_mail("email_click", mail, when, event_id, link_url=SITE + path, **fields)
        if visitor:
            self.view(visitor, when + timedelta(seconds=2), path, email_click_event_id=event_id)

    def view(self, visitor, when, path, event_id=None, event_type="page_view", **fields):
        agent = BROWSERS[sum(map(ord, visitor)) % len(BROWSERS)]
        fields |= {"visitor_id": visitor, "page_url": SITE + path, "user_agent": agent}
        self.event("web_events", event_type, when, event_id, **fields)

    def visit(self, visitor, when, *paths):
        """View some pages one after the other."""
        for path in paths:
            self.view(visitor, when, path)
            when += timedelta(seconds=self.number(20, 170))

    def submit(self, visitor, when, path, address, event_id=None):
        self.view(visitor, when, path, event_id, "form_submission", email_address=address)

    def activity(self, event_type, when, contact_id, detail=None, event_id=None):
        detail = detail or self.pick(DETAILS[event_type].replace("\n", "|").split("|"))
        self.event("activities", event_type, when, event_id, contact_id=contact_id, detail=detail)


def everybody_else(demo):
    """The other contacts: a few are keen, many are not, a third never react."""
    names = {row["full_name"] for row in demo.contacts.values()}
    for number in range(len(demo.contacts) + 1, TOTAL_CONTACTS + 1):
        company, address, name = demo.pick([number % 15, demo.number(0, 4)]), None, None
        while name is None or name in names:
            given, family = demo.pick(GIVEN_AND_FAMILY).split("|")
            name = f"{demo.pick(given.split())} {demo.pick(family.split())}"
        if number % 20 == 0 and number // 20 - 2 < len(OTHER_SCRIPTS):
            name, local = OTHER_SCRIPTS[number // 20 - 2].split("=")
            address = f"{local}@{COMPANIES[company].split('|')[2]}"
        names.add(name)
        luck, visitor = demo.random(), f"v-{demo.number(0x10000000, 0xFFFFFFFF):08x}"
        tier = "keen" if luck < 0.04 else "regular" if luck < 0.2 else "casual"
        address = demo.contact(f"C{number:03d}", name, company, address)
        live(demo, Person(f"C{number:03d}", address, tier if luck < 0.64 else "silent", visitor))


def live(demo, person):
    """One person's quarter: what we mailed, what they did with it, what sales noted."""
    _, _, fewest, most, calls = TIERS[person.tier]
    demo.people.append(person)
    luck = demo.random()
    demo.consent[person.visitor] = "granted" if luck < 0.88 else "" if luck < 0.96 else "refused"
    if most and demo.chance(0.6):
        linked_at = iso(demo.moment()) if demo.chance(0.9) else ""
        demo.add("identities", "visitor", person.visitor, person.id, linked_at)
    if demo.chance(0.2 if person.tier in ("casual", "silent") else 0.5):
        subscribe(demo, person)
    else:
        for campaign, day in (("product-update-1", "09-10"), ("product-update-2", "10-14")):
            react(demo, person, demo.send(person.address, campaign, person.id, at(f"{day} 08:30")))
    if demo.chance(0.22):
        demo.add("list_memberships", "spring-webinar", person.id, "2026-04-15T12:00:00Z")
        react(demo, person, demo.send(person.address, "webinar", person.id, at("09-17 12:00")))
    if most and demo.chance(0.2):
        trial(demo, person)
    for _ in range(demo.number(fewest, most)):
        pages = [demo.pick(PAGES) for _ in range(demo.number(1, 5))]
        demo.visit(person.visitor, demo.moment(), *pages)
    for _ in range(demo.number(0, calls)):
        demo.activity("call_logged", demo.moment(), person.id)
    if person.tier in ("keen", "regular") and demo.chance(0.35):
        buy(demo, person)


def subscribe(demo, person):
    """The weekly newsletter; a few leave it on the way, or bounce."""
    added_at = iso(demo.moment("2026-01-10", "2026-07-31")) if demo.chance(0.95) else ""
    issues = TUESDAYS[: demo.number(4, 12) if demo.chance(0.08) else 14]
    for day in issues:
        outcome = "email_soft_bounce" if demo.chance(0.006) else "email_delivered"
        mail = demo.newsletter(person.id, person.address, day, outcome)
        if outcome == "email_delivered":
            react(demo, person, mail)
    ending = demo.pick(["email_unsubscribe", "email_unsubscribe", "email_hard_bounce"])
    removed_at = ""
    if len(issues) < 14:
        removed_at = iso(mail.delivered_at + HOUR) if ending == "email_unsubscribe" else ""
        demo.on_mail(ending, mail, mail.delivered_at + HOUR)
    demo.add("list_memberships", "newsletter", person.id, added_at, removed_at)


def react(demo, person, mail):
    """Open a message, or not; perhaps again; perhaps click, land and look around; or answer."""
    opens, clicks, *_ = TIERS[person.tier]
    if demo.chance(opens):
        when = mail.delivered_at + timedelta(seconds=60 + demo.number(0, 400) ** 2)
        demo.open(mail, when)
        if demo.chance(0.15):
            demo.open(mail, when + demo.number(1, 30) * HOUR)
        if demo.chance(clicks):
            when += timedelta(seconds=demo.number(15, 200))
            landed = person.visitor if demo.chance(0.8) else None
            demo.click(mail, demo.pick(LINKS), when, visitor=landed)
            demo.visit(person.visitor, when + 0.02 * HOUR, demo.pick(PAGES))
        if demo.chance(0.04):
            demo.on_mail("email_reply", mail, when + HOUR)


def trial(demo, person):
    """A trial: the CRM notes it, three messages follow, the manual is read."""
    start = demo.moment("2026-08-10", "2026-11-04")
    demo.add("list_memberships", "trial-users", person.id, iso(start))
    demo.activity("trial_started", start, person.id)
    for step, hours in enumerate((1, 72, 168), 1):
        when = start + hours * HOUR
        mail = demo.send(person.address, f"trial-onboarding-{step}", person.id, when)
        react(demo, person._replace(tier="keen"), mail)
        demo.visit(person.visitor, when + HOUR, "/docs/installation", "/docs/calibration")


def buy(demo, person):
    """A demo is asked for and a meeting follows, with one end or another."""
    asked = demo.moment("2026-08-24", "2026-11-06")
    demo.submit(person.visitor, asked, "/demo", person.address.title())
    demo.activity("demo_requested", asked + timedelta(minutes=1), person.id)
    demo.activity("meeting_booked", asked + 24 * HOUR, person.id)
    if demo.chance(0.7):
        demo.activity("meeting_attended", asked + 144 * HOUR, person.id)
    if demo.chance(0.2):
        demo.activity("deal_lost", asked + 192 * HOUR, person.id)


def strangers(demo):
    """Visitors whom nobody knows, until the quarter has its number of events."""
    while sum(demo.serials.values()) < TOTAL_EVENTS:
        visitor = f"v-{demo.number(0x10000000, 0xFFFFFFFF):08x}"
        demo.consent[visitor] = "granted" if demo.chance(0.7) else ""
        demo.visit(visitor, demo.moment(), *[demo.pick(PAGES) for _ in range(demo.number(1, 4))])


def banners(demo):
    """Write each visitor's decision, taken some seconds into the first visit."""
    first = {}
    for row in sorted(demo.tables["web_events"], key=lambda row: row["occurred_at"]):
        first.setdefault(row["visitor_id"], row["occurred_at"])
    for visitor, choice in demo.consent.items():
        if choice and visitor in first:
            decided = datetime.fromisoformat(first[visitor][:-1]) + timedelta(seconds=4)
            demo.add("consents", visitor, str(choice == "granted").lower(), iso(decided))


def arrivals(demo):
    """Put events in order of arrival, then deliver some forty again, here and there in the file."""
    again = {"em-c017-open-1": 4, "em-c001-click-10-27": 2}
    for table, events in (("email_events", 25), ("web_events", 10), ("activities", 3)):
        rows = sorted(demo.tables[table], key=lambda row: (row["received_at"], row["event_id"]))
        early = [row["event_id"] for row in rows if row["received_at"] < "2026-11-11"]
        again |= {demo.pick(early): demo.pick([1, 1, 1, 1, 2, 3, 4]) for _ in range(events)}
        for row in list(rows):
            received = datetime.fromisoformat(row["received_at"][:-1])
            for _ in range(again.get(row["event_id"], 0)):
                received += timedelta(minutes=demo.number(1, 900))
                rows.insert(demo.number(0, len(rows)), row | {"received_at": iso(received)})
        demo.tables[table] = rows


def companies(demo):
    """What the CRM knows of companies; two of them are one account."""
    names = (line.split("|")[0] for line in COMPANIES)
    employees = dict(zip(names, EMPLOYEES, strict=True))
    for contact_id, row in demo.contacts.items():
        if number := employees[row["company_name"]]:
            demo.add("attributes", contact_id, "employees", number, "2026-08-01T06:00:00Z")
        if row["company_name"] in ONE_ACCOUNT:
            row["account_id"] = "US-WATER"


def half_a_year_before(demo):
    """Who clicked, whom sales called, and what came of it: more of those who clicked, but not only.

    All of it is older than 90 days, so no score of today knows of it; past scores and outcomes do.
    """
    before = Demo(seed=SEED - 1)
    before.serials = demo.serials
    for person in demo.people:
        interest, clicks = 0.5 * TIERS[person.tier][0], 0
        for month in MONTHS:
            campaign = f"field-notes-2026-{month}"
            mail = Mail(f"{campaign}.{person.id}", campaign, person.address, at(month))
            has_clicked = before.chance(interest)
            # who clicked once is likelier to click again
            clicks = clicks // 2 + 2 * has_clicked
            interest = min(0.05 + interest * (1.4 if has_clicked else 0.8), 0.8)
            if has_clicked:
                before.click(mail, before.pick(LINKS), at(month) + before.number(8, 60) * HOUR)
            after = at(month) + timedelta(days=before.number(3, 24), hours=before.pick(HOURS))
            if before.chance(0.06 + 0.03 * clicks):
                before.activity("call_logged", after, person.id)
            if before.chance(0.02 + 0.035 * clicks):
                before.activity("meeting_booked", after + 20 * HOUR, person.id)
                if before.chance(0.7):
                    before.activity("meeting_attended", after + 120 * HOUR, person.id)
            elif before.chance(0.01 + 0.02 * clicks):
                before.activity("trial_started", after + 4 * HOUR, person.id)
    for table, rows in before.tables.items():
        rows.sort(key=lambda row: row.get("received_at", ""))
        demo.tables[table] = rows + demo.tables[table]


def main():
    """Tell the story, fill in the rest and write the files."""
    demo = Demo()
    demo.add("lists", "newsletter", "Weekly newsletter")
    demo.add("lists", "trial-users", "Trial users")
    demo.add("lists", "spring-webinar", "Spring webinar, 15 April 2026")
    rest = [everybody_else, strangers, banners, arrivals, half_a_year_before, companies]
    for chapter in STORY + rest:
        chapter(demo)
    for table, columns in COLUMNS.items():
        path = Path(__file__).with_name(f"{table}.csv")
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, columns.split(), restval="", lineterminator="\n")
            writer.writeheader()
            writer.writerows(demo.tables[table])


if __name__ == "__main__":
    main()
