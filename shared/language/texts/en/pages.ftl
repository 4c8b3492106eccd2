# What customers read on the pages of the returns portal and of tracking.

units = { $count ->
    [one] { $count } unit
   *[other] { $count } units
}
language-choose = Language
language-set = Change
skip = Skip to the content
required = required
optional = optional

# The way in

returns-title = Returns and complaints
returns-intro = Tell us which order it is about. We send a link to the e-mail address that it was placed with.
order-number = Order number
order-number-hint = It is in your order confirmation, for example #1001.
proof = E-mail address or postal code
proof-hint = As you gave it with the order.
send-link = Send me a link
order-number-missing = Enter your order number.
order-number-wrong = An order number has letters, digits and hyphens only.
proof-missing = Enter your e-mail address or your postal code.
too-many-tries = These were too many tries. Please try again in an hour.
form-expired = This form was open for too long. Please send it again.
form-problem = Please check what you entered
asked-title = Check your e-mails
asked-text = If what you entered belongs to an order, an e-mail with a link is on its way. The link works once, for one hour.
asked-again = Nothing came after a few minutes? Look into the spam folder, or try again.
try-again = Try again

open-title = Welcome back
open-text = Go on to the returns of your order.
open-button = Go on
gone-title = This link does not work any more
gone-text = It has expired or was used before. Have a new one sent to you; that takes a minute.
gone-button = Get a new link

# Choosing

order-heading = Order { $number }
choose-title = What would you like to return?
choose-intro = Choose how many of each, and tell us why.
choose-none = There is nothing that can be returned at the moment.
earlier-returns = Your returns
return-quantity = How many?
return-reason = Why?
reason-choose = Please choose
comment = Comment
comment-hint = Anything that helps us to understand. Please give no bank details.
comment-too-long = { $most } characters are the most.
request-send = Send
can-return-until = Can be returned until { $date }
refused-nothing = Choose at least one unit.
refused-reason = Choose a reason.
refused-mixed = A complaint about one thing and the return of another are two requests. Please send them one by one.
refused-not-delivered = Not delivered yet.
refused-not-returnable = Can't be returned for this reason.
refused-never = Excluded from returns.
refused-window = Could be returned until { $date }.
refused-taken = All of it is in a return already.
refused-too-many = { $left ->
    [one] Only { $left } unit can be returned.
   *[other] Only { $left } units can be returned.
}
refused-unknown = This is no longer part of the order.

reason-changed_mind = I changed my mind
reason-too_small = It is too small
reason-too_large = It is too large
reason-not_as_described = It is not as described
reason-defective = It does not work
reason-damaged = It arrived damaged
reason-wrong_item = It is something else
reason-missing = It was not in the parcel

# A return

return-heading = Return { $rma }
claim-heading = Complaint { $rma }
return-number = Return number
requested-on = Requested on { $date }
stage-requested = We have received it
stage-requested-text = We will look at it shortly.
stage-photos_asked = We need photos
stage-photos_asked-text = Please show us what is wrong. Then we can decide.
stage-review = We are looking at it
stage-review-text = Somebody reads it in person. You will hear from us by e-mail.
stage-approved = Please send it back
stage-approved-text = Send it by { $date }. Your refund follows once we have looked at it.
stage-replace = We send it again
stage-replace-text = A new parcel is being prepared. You need not send anything back.
stage-keep = You can keep it
stage-keep-text = We pay your money back. You need not send anything back.
stage-in_transit = It is on its way to us
stage-in_transit-text = We tell you when it has arrived.
stage-received = It has arrived
stage-received-text = We look at it now.
stage-inspected = We have looked at it
stage-inspected-text = What follows from it is below.
stage-closed = It is done
stage-closed-text = Nothing is left to be done.
stage-declined = We can't accept it
stage-declined-text = Our answer: { $why }
stage-cancelled = It was called off
stage-cancelled-text = You can request another return at any time.
photo-choose = A photo of it
photo-hint = JPEG, PNG, WebP or HEIC, up to 10 MB; five at most.
photo-send = Send this photo
photo-send-another = Send another photo
photo-taken = Photo { $number } is here ({ $kilobytes } kB)
photo-full = More photos are not needed.
photo-wrong-kind = This is no photo. Choose a JPEG, PNG, WebP or HEIC file.
photo-too-big = This photo is bigger than 10 MB. Choose a smaller one.
photo-broken = This photo can't be read. Take it again, or choose another one.
photo-too-old = This page was open for too long. Load it again, and then choose your photo.
photo-sending = Sending …
photo-answer = What became of your photo
photo-refused = What became of your photo shows here. If that is an error code, the photo is bigger than 10 MB, or this page was open for more than an hour: choose a smaller photo above, or load this page again.
photo-arrived = Your photo is here.
photo-next = Go on
photos-enough = That is all?
photos-enough-text = With these photos we can decide. If you leave now, we do so in half an hour.
photos-go-on = That is all
how-to-send = How to send it
label-ready = Your label is ready
label-ready-text = Print it, stick it on the parcel, and hand it in at { $carrier }. It costs you nothing.
label-download = Open the label
label-soon = We are getting a label for you. It will be here in a few minutes, and costs you nothing.
label-none = We could not get a label. We will write to you.
own-postage = Please send it with a carrier of your choice, at your own cost, to:
write-number = Write the number { $rma } on the parcel, or put the code into it.
code-alt = Code for return { $rma }
sent-with = Sent with { $carrier }, number { $number }
refunds = Refund
refund-planned = { $amount } will be paid back.
refund-succeeded = { $amount } was paid back.
refund-waits = { $amount }: somebody looks at it in person.
in-this-return = In this return
cancel-title = Changed your mind?
cancel-text = As long as nothing is on its way, you can call it off.
cancel-button = Call it off
cancel-too-late = It is too late to call it off.
back-to-order = Back to the order

# Tracking

track-title = Where is my order?
track-heading = Order { $number }
ordered-on = Ordered on { $date }
parcels = { $count ->
    [one] Your parcel
   *[other] Your { $count } parcels
}
parcel-of = Parcel { $number }
track-number = Tracking number
expected-on = Expected on { $date }
expected-between = Expected { $from } to { $until }
arrived-on = Arrived on { $date }
expected-past = Was expected by { $date }. We are sorry that it takes longer.
journey = Journey
status-label_created = Packed
status-in_transit = On its way
status-out_for_delivery = Out for delivery
status-ready_for_pickup = Ready to be picked up
status-exception = Held up
status-delivered = Delivered
status-attempt_failed = Nobody was at home
status-returning = On its way back to us
status-returned = Came back to us
to-come = Still to come
to-come-unknown = We will tell you when it leaves.
to-come-held = We are checking something and will tell you.
to-come-backorder = Not in stock now. Expected to leave on { $date }.
not-sent = Will not be sent
in-parcel = In this parcel
ordered = What you ordered
arrived-button = It has arrived
arrived-thanks = Thank you for telling us.
something-wrong = Something is wrong
all-cancelled = This order was cancelled.
