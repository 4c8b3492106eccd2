# Was Kunden auf den Seiten für Rücksendungen und Sendungsverfolgung lesen.

units = { $count ->
    [one] { $count } Stück
   *[other] { $count } Stück
}
language-choose = Sprache
language-set = Wechseln
skip = Zum Inhalt
required = Pflichtfeld
optional = freiwillig

# Der Weg hinein

returns-title = Rücksendung und Reklamation
returns-intro = Sagen Sie uns, um welche Bestellung es geht. Wir schicken einen Link an die E-Mail-Adresse, mit der sie aufgegeben wurde.
order-number = Bestellnummer
order-number-hint = Sie steht in Ihrer Bestellbestätigung, zum Beispiel #1001.
proof = E-Mail-Adresse oder Postleitzahl
proof-hint = So, wie Sie sie bei der Bestellung angegeben haben.
send-link = Link zuschicken
order-number-missing = Geben Sie Ihre Bestellnummer ein.
order-number-wrong = Eine Bestellnummer besteht nur aus Buchstaben, Ziffern und Bindestrichen.
proof-missing = Geben Sie Ihre E-Mail-Adresse oder Ihre Postleitzahl ein.
too-many-tries = Das waren zu viele Versuche. Bitte versuchen Sie es in einer Stunde noch einmal.
form-expired = Dieses Formular war zu lange offen. Bitte senden Sie es noch einmal ab.
form-problem = Bitte prüfen Sie Ihre Angaben
asked-title = Sehen Sie in Ihre E-Mails
asked-text = Wenn Ihre Angaben zu einer Bestellung gehören, ist eine E-Mail mit einem Link unterwegs. Der Link gilt einmal und eine Stunde lang.
asked-again = Nach einigen Minuten ist nichts da? Sehen Sie im Spam-Ordner nach, oder versuchen Sie es noch einmal.
try-again = Noch einmal versuchen

open-title = Schön, dass Sie da sind
open-text = Weiter zu den Rücksendungen Ihrer Bestellung.
open-button = Weiter
gone-title = Dieser Link gilt nicht mehr
gone-text = Er ist abgelaufen oder wurde schon benutzt. Lassen Sie sich einen neuen schicken; das dauert eine Minute.
gone-button = Neuen Link anfordern

# Auswählen

order-heading = Bestellung { $number }
choose-title = Was möchten Sie zurückgeben?
choose-intro = Wählen Sie, wie viel von jedem Artikel, und sagen Sie uns, warum.
choose-none = Im Moment kann nichts zurückgegeben werden.
earlier-returns = Ihre Rücksendungen
return-quantity = Wie viele?
return-reason = Warum?
reason-choose = Bitte wählen
comment = Anmerkung
comment-hint = Was uns hilft, es zu verstehen. Bitte keine Bankdaten.
comment-too-long = Höchstens { $most } Zeichen.
request-send = Absenden
can-return-until = Rückgabe möglich bis { $date }
refused-nothing = Wählen Sie mindestens ein Stück.
refused-reason = Wählen Sie einen Grund.
refused-mixed = Eine Reklamation und eine Rückgabe sind zwei Anfragen. Bitte senden Sie sie einzeln ab.
refused-not-delivered = Noch nicht zugestellt.
refused-not-returnable = Aus diesem Grund nicht möglich.
refused-never = Von der Rückgabe ausgeschlossen.
refused-window = Die Rückgabe war bis { $date } möglich.
refused-taken = Ist schon ganz in einer Rücksendung.
refused-too-many = { $left ->
    [one] Nur { $left } Stück kann zurückgegeben werden.
   *[other] Nur { $left } Stück können zurückgegeben werden.
}
refused-unknown = Das gehört nicht mehr zur Bestellung.

reason-changed_mind = Ich habe es mir anders überlegt
reason-too_small = Es ist zu klein
reason-too_large = Es ist zu groß
reason-not_as_described = Es ist nicht wie beschrieben
reason-defective = Es funktioniert nicht
reason-damaged = Es kam beschädigt an
reason-wrong_item = Es ist etwas anderes
reason-missing = Es fehlte im Paket

# Eine Rücksendung

return-heading = Rücksendung { $rma }
claim-heading = Reklamation { $rma }
return-number = Rücksendenummer
requested-on = Angemeldet am { $date }
stage-requested = Ihre Anfrage ist da
stage-requested-text = Wir sehen sie uns gleich an.
stage-photos_asked = Wir brauchen Fotos
stage-photos_asked-text = Bitte zeigen Sie uns, was nicht stimmt. Dann können wir entscheiden.
stage-review = Wir sehen es uns an
stage-review-text = Jemand liest Ihre Anfrage persönlich. Sie hören per E-Mail von uns.
stage-approved = Bitte senden Sie es zurück
stage-approved-text = Bitte bis { $date } abschicken. Ihr Geld folgt, sobald wir es geprüft haben.
stage-replace = Wir senden es noch einmal
stage-replace-text = Ein neues Paket wird vorbereitet. Sie müssen nichts zurücksenden.
stage-keep = Sie können es behalten
stage-keep-text = Wir erstatten Ihr Geld. Sie müssen nichts zurücksenden.
stage-in_transit = Es ist auf dem Weg zu uns
stage-in_transit-text = Wir sagen Ihnen, wenn es da ist.
stage-received = Es ist angekommen
stage-received-text = Wir prüfen es jetzt.
stage-inspected = Wir haben es geprüft
stage-inspected-text = Was daraus folgt, steht unten.
stage-closed = Erledigt
stage-closed-text = Es ist nichts mehr zu tun.
stage-declined = Das können wir nicht annehmen
stage-declined-text = Unsere Antwort: { $why }
stage-cancelled = Zurückgezogen
stage-cancelled-text = Sie können jederzeit eine neue Rücksendung anmelden.
photo-choose = Ein Foto davon
photo-hint = JPEG, PNG, WebP oder HEIC, bis 10 MB; höchstens fünf.
photo-send = Dieses Foto senden
photo-send-another = Noch ein Foto senden
photo-taken = Foto { $number } ist da ({ $kilobytes } kB)
photo-full = Mehr Fotos sind nicht nötig.
photo-wrong-kind = Das ist kein Foto. Bitte wählen Sie eine Datei in JPEG, PNG, WebP oder HEIC.
photo-too-big = Dieses Foto ist größer als 10 MB. Bitte wählen Sie ein kleineres.
photo-broken = Dieses Foto lässt sich nicht lesen. Nehmen Sie es noch einmal auf, oder wählen Sie ein anderes.
photo-too-old = Diese Seite war zu lange offen. Bitte laden Sie sie neu und wählen Sie dann Ihr Foto.
photo-sending = Wird gesendet …
photo-answer = Was aus Ihrem Foto wurde
photo-refused = Hier zeigt sich, was aus Ihrem Foto wurde. Erscheint ein Fehlercode, ist das Foto größer als 10 MB, oder diese Seite war länger als eine Stunde offen: Bitte wählen Sie oben ein kleineres Foto, oder laden Sie diese Seite neu.
photo-arrived = Ihr Foto ist da.
photo-next = Weiter
photos-enough = Ist das alles?
photos-enough-text = Mit diesen Fotos können wir entscheiden. Wenn Sie jetzt gehen, tun wir das in einer halben Stunde.
photos-go-on = Das ist alles
how-to-send = So senden Sie es zurück
label-ready = Ihr Etikett ist da
label-ready-text = Drucken Sie es aus, kleben Sie es auf das Paket und geben Sie dieses bei { $carrier } ab. Es kostet Sie nichts.
label-download = Etikett öffnen
label-soon = Wir besorgen ein Etikett für Sie. Es ist in ein paar Minuten hier und kostet Sie nichts.
label-none = Wir konnten kein Etikett bekommen. Wir schreiben Ihnen.
own-postage = Bitte senden Sie es auf eigene Kosten mit einem Paketdienst Ihrer Wahl an:
write-number = Schreiben Sie die Nummer { $rma } auf das Paket, oder legen Sie den Code hinein.
code-alt = Code der Rücksendung { $rma }
sent-with = Verschickt mit { $carrier }, Nummer { $number }
refunds = Erstattung
refund-planned = { $amount } werden erstattet.
refund-succeeded = { $amount } wurden erstattet.
refund-waits = { $amount }: jemand kümmert sich persönlich darum.
in-this-return = In dieser Rücksendung
cancel-title = Anders überlegt?
cancel-text = Solange nichts unterwegs ist, können Sie sie zurückziehen.
cancel-button = Zurückziehen
cancel-too-late = Zum Zurückziehen ist es zu spät.
back-to-order = Zurück zur Bestellung

# Sendungsverfolgung

track-title = Wo ist meine Bestellung?
track-heading = Bestellung { $number }
ordered-on = Bestellt am { $date }
parcels = { $count ->
    [one] Ihr Paket
   *[other] Ihre { $count } Pakete
}
parcel-of = Paket { $number }
track-number = Sendungsnummer
expected-on = Erwartet am { $date }
expected-between = Erwartet { $from } bis { $until }
arrived-on = Angekommen am { $date }
expected-past = Wurde bis { $date } erwartet. Es tut uns leid, dass es länger dauert.
journey = Weg
status-label_created = Gepackt
status-in_transit = Unterwegs
status-out_for_delivery = In Zustellung
status-ready_for_pickup = Liegt zur Abholung bereit
status-exception = Aufgehalten
status-delivered = Zugestellt
status-attempt_failed = Niemand angetroffen
status-returning = Auf dem Rückweg zu uns
status-returned = Zu uns zurückgekommen
to-come = Kommt noch
to-come-unknown = Wir sagen Ihnen, wenn es losgeht.
to-come-held = Wir prüfen noch etwas und melden uns.
to-come-backorder = Zurzeit nicht auf Lager. Versand voraussichtlich am { $date }.
not-sent = Wird nicht verschickt
in-parcel = In diesem Paket
ordered = Ihre Bestellung
arrived-button = Es ist da
arrived-thanks = Danke, dass Sie es uns sagen.
something-wrong = Etwas stimmt nicht
all-cancelled = Diese Bestellung wurde storniert.
