"""The codes of remarks, each with its sentence in English. A code is stored and never changes; its words may."""

from __future__ import annotations

from enum import StrEnum

from booking_ui.domain.appointment import AppointmentStatus
from booking_ui.domain.payment import PaymentStatus
from booking_ui.languages import N_


class RemarkCode(StrEnum):
    """A sentence that the clinic notes in a row, or a word within one."""

    words: str
    capital: bool
    """True for a sentence that begins with one of its values."""

    def __new__(cls, value: str, words: str = "", capital: bool = False) -> RemarkCode:
        one = str.__new__(cls, value)
        one._value_, one.words, one.capital = value, words, capital
        return one

    # Words within a remark.
    NONE = "none", N_("none")
    UNKNOWN = "unknown", N_("unknown")
    CREATED = "created", N_("created")
    AUTHORIZED = "authorized", N_("authorized")
    CAPTURED = "captured", N_("captured")
    REFUNDED = "refunded", N_("refunded")
    FAILED = "failed", N_("failed")
    PENDING = "pending", N_("pending")
    PROCESSED = "processed", N_("processed")
    OPEN = "open", N_("open")
    UNDER_REVIEW = "under_review", N_("under_review")
    WON = "won", N_("won")
    LOST = "lost", N_("lost")
    CLOSED = "closed", N_("closed")
    WEBHOOK = "webhook", N_("webhook")
    RETURN = "return", N_("return")
    NAME = "name", N_("name")
    PHONE = "phone", N_("phone")
    # Another's words, or several remarks in one.
    QUOTED = "quoted", "{text}"
    ALL = "all", "{all}"
    TOGETHER = "together", "{one} {other}"
    ABOUT_PAYMENT = "about_payment", "{cause}: {payment}"
    # Of a booking.
    BOOKING = "booking", N_("booking {reference}")
    OF_BOOKING = "of_booking", N_("{amount} of booking {reference}")
    OF_BOOKING_WHY = "of_booking_why", N_("{amount} of booking {reference}, {why}")
    MARKED_BY_DESK = "marked_by_desk", N_("{amount} for booking {reference}, marked as paid by the desk")
    PAID_FOR_ANOTHER = (
        "paid_for_another",
        N_("it paid for booking {reference}, and the desk marked booking {other} by it"),
    )
    DOCTOR_AT = "doctor_at", N_("{doctor}, {time}.")
    # Of payments.
    ORDER = "order", N_("{amount}, order {order}")
    AT_BOTH = "at_both", N_("{there} at Razorpay, {here} here")
    AT_BOTH_OF_BOOKING = "at_both_of_booking", N_("{there} at Razorpay, {here} here, of booking {reference}")
    CAPTURED_HERE = "captured_here", N_("{amount} captured here")
    CAPTURED_NOT_THERE = "captured_not_there", N_("{amount} captured here, {there} at Razorpay")
    FEE = "fee", N_("a fee of {there} at Razorpay, {here} here")
    COUNTED_TWICE = "counted_twice", N_("counted twice here: by the desk's mark and by itself")
    MARKED_UNKNOWN = "marked_unknown", N_("{what}; Razorpay knows no such payment")
    MARKED_STATUS = "marked_status", N_("{what}; {status} at Razorpay")
    OTHER_ORDER = "other_order", N_("payment: known by another order of ours")
    OTHER_AMOUNT = "other_amount", N_("{amount} instead of {fee}")
    OTHER_AMOUNT_FOR = "other_amount_for", N_("{amount} instead of {fee} for booking {reference}")
    IN_A_ROW = "in_a_row", N_("the last {count} payments, this one among them")
    FEE_ON_CUSTOMER = "fee_on_customer", N_("its customer bears Razorpay's fee")
    BROUGHT_MONEY = "brought_money", N_("It has brought its money.")
    # Of refunds.
    SENT_HERE = "sent_here", N_("{amount} sent here")
    WENT_BACK = "went_back", N_("{amount} went back")
    WENT_BACK_HERE = "went_back_here", N_("{amount} went back here, {there} at Razorpay")
    WENT_BACK_THERE = "went_back_there", N_("{amount} went back at Razorpay, {here} here")
    REFUND_SUMS = "refund_sums", N_("the sums of its refunds differ")
    REFUND_AT = "refund_at", N_("{amount} of booking {reference}; {status} at Razorpay")
    REFUSED = "refused", N_("{amount} of booking {reference}; Razorpay: {reason}")
    OVERDRAWN = "overdrawn", N_("not sent: refunds and a lost dispute have taken the payment already")
    MAYBE_TWICE = "maybe_twice", N_("may have gone back twice: {refund}")
    FAILED_THERE = "failed_there", N_("It failed at Razorpay.")
    NOTHING_ELSE = "nothing_else", N_("Nothing else gives this money back.")
    IS_THERE = "is_there", N_("It is at Razorpay.")
    DONE_THERE = "done_there", N_("It is done at Razorpay too.")
    REPLACEMENT_FAILED = "replacement_failed", N_("What stood in for it failed.")
    SETTLE_IT = "settle_it", N_("It failed: settle it at its booking.")
    TAKEN = "taken", N_("Razorpay has taken it.")
    WAITS_FOR_DISPUTE = "waits_for_dispute", N_("It waits for the end of a dispute.")
    # Of disputes.
    ANSWER_BY = "answer_by", N_("{what}; answer by {time}")
    DEDUCTED = "deducted", N_("{what}; Razorpay took {amount}")
    NOT_DEDUCTED = "not_deducted", N_("{what}; nothing taken yet")
    REFUNDED_TOO = "refunded_too", N_("{what}, and {amount} of that was refunded too, or is on its way")
    DISPUTE_WON = "dispute_won", N_("It was won.")
    DISPUTE_CLOSED = "dispute_closed", N_("It was closed.")
    DISPUTE_LOST = "dispute_lost", N_("It was lost: that is a case of its own.")
    DISPUTE_NOT_COMPARED = "dispute_not_compared", N_("dispute: {why}")
    DISPUTE_UNKNOWN = "dispute_unknown", N_("a dispute that is unknown at Razorpay")
    DISPUTE_UNMARKED = "dispute_unmarked", N_("a dispute of {amount} at Razorpay, unmarked here")
    DISPUTE_DIFFERS = "dispute_differs", N_("a dispute: {there} at Razorpay, {here} here")
    DISPUTE_AS = "dispute_as", N_("{status} of {payment}")
    DISPUTE_AS_TAKEN = "dispute_as_taken", N_("{status} of {payment}, {amount} taken")
    # Of the comparison with Razorpay's books.
    COMPARED = "compared", N_("It could be compared.")
    AGREE = "agree", N_("The books agree.")
    NO_ANSWER = "no_answer", N_("Razorpay did not answer ({reason}).")
    NEVER_COMPARED = "never_compared", N_("Razorpay's list was not compared yet.")
    NO_DISPUTES = "no_disputes", N_("Razorpay refused to list disputes, so those were not compared.")
    ONE_EXPLAINED = "one_explained", N_("1 difference is explained in Books.")
    EXPLAINED = "explained", N_("{count} differences are explained in Books.")
    UNREADABLE = "unreadable", N_("{what}; {why}")
    ACCOUNTS_LIST = "accounts_list", N_("the account's list")
    READABLE = "readable", N_("It can be read by now, or another message said what it says.")
    # Of a promise that does not hold.
    FAULT = "fault", "{subject}: {fault}"
    TWO_LIVE = "two_live", N_("two live appointments")
    OVERLAPS = "overlaps", N_("overlaps another one of its doctor")
    WITHOUT_MONEY = "without_money", N_("confirmed without its money")
    UNEXPLAINED = "unexplained", N_("money unexplained: {paise} paise")
    REFUNDS_MISCOUNTED = "refunds_miscounted", N_("refunds recorded twice or not at all")
    ATTEMPTS_LEFT_OUT = "attempts_left_out", N_("captured attempts are not in the sum")
    OVERTAKEN = "overtaken", N_("more taken back than its lost disputes took")
    DEDUCTIONS_DIFFER = "deductions_differ", N_("its payment and its attempt differ in what was taken back")
    HELD_TOO_LONG = "held_too_long", N_("held beyond its time")
    STATUS_UNTOLD = "status_untold", N_("{what} is {status}, its last audit row says {after}")
    ROW_MISSING = "row_missing", N_("a row is missing before number {number}")
    UNHANDLED = "unhandled", N_("neither handled nor waiting")
    OVER_REFUNDED = "over_refunded", N_("refunds exceed what was captured")
    UNSENT = "unsent", N_("neither sent nor waiting")
    DESK_NOT_TOLD = "desk_not_told", N_("given up, and the desk was not told")
    WITHOUT_MAIL = "without_mail", N_("{kind} without a mail")
    ROWS_GONE = "rows_gone", N_("{written} rows were written, and {found} are there")
    OTHER_LAST_ROW = "other_last_row", N_("its last row is not the one that was written")
    HEAD_GONE = "head_gone", N_("its length and head are gone")
    HEAD_CHANGED = "head_changed", N_("its length and head were changed")
    ROWS_UNCOVERED = "rows_uncovered", N_("its first {length} rows are not those that root {root} covers")
    NO_ROOT = "no_root", N_("no root covers its first {length} rows")
    ROW_CHANGED = "row_changed", N_("row {number} was changed")
    ROW_UNKEYED = "row_unkeyed", N_("row {number} has no key")
    ROOT_APART = "root_apart", N_("it does not follow root {root}")
    ROOT_CHANGED = "root_changed", N_("it or what it covers was changed")
    ROOT_GONE = "root_gone", N_("it is gone and its leaves are there")
    ROOT_UNSEEN = (
        "root_unseen",
        N_("it was seen and is not there: this database is older, or went back in time"),
    )
    ROOT_ANEW = "root_anew", N_("it is not the one that was seen: what it covered was written anew")
    ROWS_OF_OTHER_KEY = (
        "rows_of_other_key",
        N_("{count} rows need the SECRET_KEY of id {key}: put it into SECRET_KEY_PREVIOUS"),
    )
    CHAINS_OF_OTHER_KEY = (
        "chains_of_other_key",
        N_("{count} chains need the SECRET_KEY of id {key}: put it into SECRET_KEY_PREVIOUS"),
    )
    ROOTS_OF_OTHER_KEY = (
        "roots_of_other_key",
        N_("{count} roots need the SECRET_KEY of id {key}: put it into SECRET_KEY_PREVIOUS"),
    )
    ROLE_UNTOLD = "role_untold", N_("is {role}, its last audit row says {after}")
    OWNER_UNTOLD = "owner_untold", N_("is of {patient}, its first audit row says {actor}")
    VISIT_UNTOLD = "visit_untold", N_("its visit is not as its last audit row says")
    BILL_UNTOLD = (
        "bill_untold",
        N_("instant, kept part, sum, payment or mark of its bill are not as its last audit row says"),
    )
    REFUND_UNTOLD = (
        "refund_untold",
        N_("refund {refund} is {status} or has a sum, ids or instants that its last audit row does not say"),
    )
    CASE_UNTOLD = (
        "case_untold",
        N_("is closed, and its last audit row does not say when and by whom"),
    )
    # Of settlements.
    ONE_UNSETTLED = "one_unsettled", N_("1 payment, {amount} in all, captured that day")
    UNSETTLED = "unsettled", N_("{count} payments, {amount} in all, captured that day")
    REFUND_IN = "refund_in", N_("a refund of {amount} in settlement {settlement}")
    PAYMENT_IN = "payment_in", N_("{amount} in settlement {settlement}")
    SETTLED_OTHER = "settled_other", N_("{amount} settled, {here} captured here")
    SETTLED_TWICE = "settled_twice", N_("in {one} and in {other}")
    # Of signs of an attack or of a wrong setting.
    FIRST_SEEN = "first_seen", N_("First seen {time}.")
    NOT_SIGNED = "not_signed", N_("not signed with our secret ({door})")
    SILENCE = (
        "silence",
        N_("{captured} captured in {hours} hours without a webhook; the last came {time}."),
    )
    SILENCE_EVER = (
        "silence_ever",
        N_("{captured} captured in {hours} hours without a webhook; none ever came."),
    )
    HOLDS_UNPAID = (
        "holds_unpaid",
        N_("{held} times were held within half an hour; for {tried} of them a payment was tried."),
    )
    AFTER_WEBHOOK = "after_webhook", N_("after webhook {number}")
    SINCE = "since", N_("since {minute}")
    NO_LONGER = "no_longer", N_("No longer so.")
    DOCTOR_SETTLED = (
        "doctor_settled",
        N_("The visit was moved, cancelled or is over, or its doctor is there again."),
    )
    # Of a decision, with the admin's own words.
    CANCEL = "cancel", N_("cancel: {note}")
    KEEP = "keep", N_("keep: {note}")
    SAME = "same", N_("same: {note}")
    SECOND = "second", N_("second: {note}")
    # The answer to a question of the desk.
    ANSWER = "answer", N_("{sentence}."), True
    PAYMENT_BEGUN = "payment_begun", N_("a payment of {amount} was begun")
    PAYMENT_FAILED = "payment_failed", N_("a payment of {amount} failed")
    PAYMENT_AUTHORIZED = "payment_authorized", N_("a payment of {amount} is authorized, not captured yet")
    PAYMENT_CAPTURED = "payment_captured", N_("a payment of {amount} is captured")
    PAYMENT_REFUNDED = "payment_refunded", N_("a payment of {amount} is refunded")
    NOW = "now", N_("{change} now")
    VISIT_PENDING_PAYMENT = "visit_pending_payment", N_("the time is held until it is paid")
    VISIT_CONFIRMED = "visit_confirmed", N_("the visit is confirmed")
    VISIT_COMPLETED = "visit_completed", N_("the visit took place")
    VISIT_NO_SHOW = "visit_no_show", N_("the patient did not come")
    VISIT_CANCELLED = "visit_cancelled", N_("the visit is cancelled")
    VISIT_FAILED = "visit_failed", N_("the booking failed and the time is free again")
    MONEY_PENDING = "money_pending", N_("the payment is open")
    MONEY_AUTHORIZED = "money_authorized", N_("the bank agreed, the money is not captured yet")
    MONEY_CAPTURED = "money_captured", N_("the money is captured")
    MONEY_FAILED = "money_failed", N_("the payment failed")
    MONEY_REFUND_PENDING = "money_refund_pending", N_("the money is to go back")
    MONEY_PARTIALLY_REFUNDED = "money_partially_refunded", N_("part of the money went back")
    MONEY_REFUNDED = "money_refunded", N_("the money went back")
    NOTHING_NEW = "nothing_new", N_("Razorpay knows nothing new.")
    NOBODY_TRIED = "nobody_tried", N_("Razorpay knows nothing new: nobody has tried to pay.")
    UNREADABLE_ANSWER = (
        "unreadable_answer",
        N_("Razorpay's answer has a payment that we can't read: Books has a case."),
    )
    NOT_ANSWERED = "not_answered", N_("Razorpay did not answer. Please try again in a minute.")
    NOT_KNOWN = (
        "not_known",
        N_(
            "Razorpay does not know this order or payment. Look whether the id of a mark, the keys and the account are right."
        ),
    )
    NOT_ALLOWED = (
        "not_allowed",
        N_("Razorpay refused to answer. Look whether its keys and the account are the right ones."),
    )
    # Of a message that was not sent.
    MESSAGE = "message", "{message}"
    PARKED = "parked", N_("{message}: {error}.")
    PARKED_OF = "parked_of", N_("{message}, booking {reference}: {error}.")
    PARKED_BY = "parked_by", N_("{message} by {channel}: {error}.")
    PARKED_BY_OF = "parked_by_of", N_("{message} by {channel}, booking {reference}: {error}.")
    WAS_SENT = "was_sent", N_("It was sent.")
    NOT_TO_BE_SENT = "not_to_be_sent", N_("It is not to be sent any more: {why}.")
    NO_ACCOUNT = "no_account", N_("nobody has this account any more")
    STOPPED = "stopped", N_("they want no such messages")
    NO_ADDRESS = "no_address", N_("they have no mail address")
    NOT_PROVEN = "not_proven", N_("their number is not proven")
    NO_CHANNEL = "no_channel", N_("the clinic sends no such messages")
    CODE_OVER = "code_over", N_("used or over before it could be sent")
    NUMBER_GONE = "number_gone", N_("the number is not kept once it was sent")
    ADDRESS_GONE = "address_gone", N_("the address is not kept once it was sent")
    ERASED = "erased", N_("the account was erased")
    CASES_CLOSED = "cases_closed", N_("every case was closed in the meantime")
    NO_ALERTS = "no_alerts", N_("ALERT_EMAIL is not set any more")
    VISIT_OVER = "visit_over", N_("cancelled or over in the meantime")
    MOVED_AGAIN = "moved_again", N_("cancelled, moved again or over in the meantime")
    PAID_SINCE = "paid_since", N_("paid, held again or given back in the meantime")
    BEGUN_SINCE = "begun_since", N_("cancelled, moved or begun in the meantime")
    HELD_AGAIN = "held_again", N_("held again in the meantime")
    SENT_AGAIN = "sent_again", N_("sent again in the meantime")
    HOLD_OVER = "hold_over", N_("paid, let go or over in the meantime")
    TIME_TAKEN = "time_taken", N_("paid, let go, held again, taken or begun in the meantime")
    # Of accounts.
    PAID_WHEN_BOOKED = "paid_when_booked", N_("paid at the desk when it was booked")
    AGREED = "agreed", N_("agreed to {terms}")
    TOKEN_AGAIN = "token_again", N_("a used refresh token came back")
    ASKED_FOR = "asked_for", N_("asked for by the patient")
    FIELDS = "fields", "{fields}"
    CHOICE = "choice", N_("{language}; stopped: {channels}")
    # Of webhooks.
    OUTCOME = "outcome", "{outcome}"
    REPLAYED = "replayed", N_("{outcome}; replayed: {replayed}")
    # Of what was removed in its time.
    WEBHOOK_TEXTS = "webhook_texts", N_("{count} webhook texts")
    ACCOUNT_MAILS = "account_mails", N_("{count} account mails")
    CODES = "codes", N_("{count} codes")
    SESSIONS = "sessions", N_("{count} sessions")
    BOOKINGS = "bookings", N_("{count} bookings")
    RECEIPTS = "receipts", N_("{count} receipts")
    WEBHOOK_MESSAGES = "webhook_messages", N_("{count} webhook messages")
    DOWNTIMES = "downtimes", N_("{count} downtimes")
    DEPENDENTS = "dependents", N_("{count} dependents")
    CASES = "cases", N_("{count} cases")
    CHAINS = "chains", N_("{count} chains")
    MAIL_FILES = "mail_files", N_("{count} mail files")
    TEXT_FILES = "text_files", N_("{count} text files")


def reached(status: AppointmentStatus | PaymentStatus) -> RemarkCode:
    """The clause that says of a visit or its money that it has reached this status."""
    of = "visit" if isinstance(status, AppointmentStatus) else "money"
    return RemarkCode(f"{of}_{status.value}")
