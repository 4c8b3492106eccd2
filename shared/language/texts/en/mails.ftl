# What customers read in mails.

link-mail-subject = Your link to the returns of order { $number }
link-mail-heading = Returns and complaints
link-mail-text = Go on to returns and complaints of order { $number }. The link works once, for one hour.
link-mail-open = Go on
link-mail-not-you = Was it not you who asked for it? Then you need not do anything.

# What becomes of an order

mail-why = You get this mail because you ordered from { $shop }. Order { $number }.
mail-answer = Questions? Just answer this mail.
mail-track = See where it is
mail-order = See the order
mail-returns = Returns and complaints
mail-carrier = Carrier
mail-tracking-number = Tracking number
mail-expected = Expected
mail-expected-between = { $first } to { $last }
mail-part = Part { $part } of { $parts }
mail-waiting = Not in stock yet
mail-expected-around = around { $date }
mail-rest = The rest of your order follows separately. We write when it leaves.

mail-confirmed-subject = Thank you for order { $number }
mail-confirmed-heading = Thank you for your order
mail-confirmed-text = { $parts ->
    [one] It ships directly from our supplier. We write as soon as it is on its way.
   *[other] It ships directly from our suppliers, in { $parts } parts. We write as soon as each of them is on its way.
}
mail-split-subject = Order { $number } comes in { $parts } parts
mail-split-heading = Your order comes in { $parts } parts
mail-split-text = So that nothing has to wait for the rest, it ships from several suppliers. It costs you nothing more.
mail-backordered-subject = Some of order { $number } takes longer
mail-backordered-heading = Some of your order takes longer
mail-backordered-text = Nobody has these in stock at the moment. We have reserved your place, and send them as soon as they are there. You need not do anything.
mail-refund = Refund
mail-cancelled-subject = Order { $number } is cancelled
mail-cancelled-heading = Your order is cancelled
mail-cancelled-text = Nothing of it will come.
mail-part-cancelled-subject = Some of order { $number } is cancelled
mail-part-cancelled-heading = Some of your order is cancelled
mail-part-cancelled-text = These will not come:
mail-part-cancelled-rest = Nothing changes for the rest.
mail-part-cancelled-left = The rest could not be stopped any more, and still comes. You can send it back when it is there.
mail-shipped-subject = Order { $number } is on its way
mail-shipped-heading = It is on its way
mail-shipped-text = { $carrier } brings you:
mail-corrected-subject = Another tracking number for order { $number }
mail-corrected-heading = Your parcel has another number
mail-corrected-text = The number that we gave you was wrong. This one is right:
mail-delayed-subject = Order { $number } is late
mail-delayed-heading = It takes longer than we said
mail-delayed-text = We are sorry: what you ordered should have been with you by { $date }, and is not there yet. We follow it, and write as soon as it arrives.
mail-delayed-carrier-text = We are sorry: { $carrier } reports a problem with your parcel. We follow it, and write as soon as it arrives.
mail-delivered-subject = Your parcel of order { $number } has arrived
mail-delivered-heading = It has arrived
mail-delivered-text = { $carrier } says that your parcel was delivered on { $date }. Enjoy it!
mail-delivered-wrong = Not there, broken, or not what you ordered? Tell us, and we put it right.

# What becomes of a return

mail-rma = Return number
mail-return-requested-subject = We have your request { $rma }
mail-return-requested-heading = We have your request
mail-return-requested-text = We look at it shortly, and write to you.
mail-return-photos-asked-subject = Please send photos for { $rma }
mail-return-photos-asked-heading = We need photos
mail-return-photos-asked-text = Please show us what is wrong: then we can decide. You can add photos under “Returns and complaints”.
mail-return-approved-subject = Return { $rma } is approved
mail-return-approved-heading = You can send it back
mail-return-approved-text = Please send it with a carrier of your choice to the address below, and write { $rma } on the parcel. Your refund follows as soon as we have looked at it.
mail-return-send-by = Send it by
mail-return-address = Address
mail-return-replaced-subject = { $rma }: we send it again
mail-return-replaced-heading = We send it again
mail-return-replaced-text = We are sorry about that. A new parcel is being prepared; you need not send anything back.
mail-return-kept-subject = { $rma }: your money comes back
mail-return-kept-heading = You can keep it
mail-return-kept-text = We pay your money back. You need not send anything back.
mail-return-label-subject = Your label for return { $rma }
mail-return-label-heading = Your label is ready
mail-return-label-text = Print it, stick it on the parcel, and hand it in at { $carrier }. It costs you nothing. Your refund follows as soon as we have looked at what comes back.
mail-return-label-open = Open the label
mail-return-declined-subject = About your request { $rma }
mail-return-declined-heading = We can't accept it
mail-return-declined-text = We have looked at your request, and can't accept it. Our answer:
mail-return-cancelled-subject = { $rma } was called off
mail-return-cancelled-heading = It was called off
mail-return-cancelled-text = Please send nothing back for it. Under “Returns and complaints” you can ask for another return, as long as the time for it lasts.
mail-return-received-subject = Return { $rma } has arrived
mail-return-received-heading = It has arrived with us
mail-return-received-text = We look at it now, and write to you when your money is on its way.
mail-refunded-subject = { $amount } for order { $number }
mail-refunded-heading = Your money is on its way
mail-refunded-text = We have paid back { $amount }, the way in which you paid. Depending on your bank it takes a few days until you see it.
