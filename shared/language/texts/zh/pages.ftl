# 顾客在退货页面和物流查询页面上看到的文字。

units = { $count ->
   *[other] { $count } 件
}
language-choose = 语言
language-set = 切换
skip = 跳到正文
required = 必填
optional = 选填

# 入口

returns-title = 退货与售后
returns-intro = 请告诉我们是哪个订单。我们会把链接发送到下单时使用的电子邮箱。
order-number = 订单号
order-number-hint = 订单号在您的订单确认邮件中，例如 #1001。
proof = 电子邮箱或邮政编码
proof-hint = 与您下单时填写的一致。
send-link = 发送链接
order-number-missing = 请输入订单号。
order-number-wrong = 订单号只能包含字母、数字和连字符。
proof-missing = 请输入电子邮箱或邮政编码。
too-many-tries = 尝试次数过多，请一小时后再试。
form-expired = 此表单打开时间过长，请重新提交。
form-problem = 请检查您填写的内容
asked-title = 请查看您的邮箱
asked-text = 如果您填写的内容与某个订单相符，包含链接的邮件正在发送途中。该链接仅可使用一次，有效期一小时。
asked-again = 几分钟后仍未收到？请查看垃圾邮件箱，或再试一次。
try-again = 再试一次

open-title = 欢迎回来
open-text = 继续前往您订单的退货页面。
open-button = 继续
gone-title = 此链接已失效
gone-text = 链接已过期或已被使用。请重新获取一个新链接，只需一分钟。
gone-button = 获取新链接

# 选择

order-heading = 订单 { $number }
choose-title = 您想退回什么？
choose-intro = 请选择每种商品的数量，并告诉我们原因。
choose-none = 目前没有可以退回的商品。
earlier-returns = 您的退货
return-quantity = 数量
return-reason = 原因
reason-choose = 请选择
comment = 备注
comment-hint = 任何有助于我们了解情况的内容。请勿填写银行信息。
comment-too-long = 最多 { $most } 个字符。
request-send = 提交
can-return-until = 可在 { $date } 之前退回
refused-nothing = 请至少选择一件。
refused-reason = 请选择原因。
refused-mixed = 投诉和退货需要分别提交，请逐一提交。
refused-not-delivered = 尚未送达。
refused-not-returnable = 此原因不支持退回。
refused-never = 不支持退货。
refused-window = 可退回期限为 { $date }，现已截止。
refused-taken = 已全部在退货中。
refused-too-many = { $left ->
   *[other] 最多可退回 { $left } 件。
}
refused-unknown = 此商品已不在订单中。

reason-changed_mind = 我改变了主意
reason-too_small = 太小
reason-too_large = 太大
reason-not_as_described = 与描述不符
reason-defective = 无法正常使用
reason-damaged = 到货时已损坏
reason-wrong_item = 收到的是别的商品
reason-missing = 包裹中缺少此商品

# 一次退货

return-heading = 退货 { $rma }
claim-heading = 售后 { $rma }
return-number = 退货编号
requested-on = 申请日期：{ $date }
stage-requested = 我们已收到您的申请
stage-requested-text = 我们将尽快处理。
stage-photos_asked = 我们需要照片
stage-photos_asked-text = 请让我们看到问题所在，我们才能作出决定。
stage-review = 我们正在审核
stage-review-text = 将由专人阅读您的申请，我们会通过邮件答复您。
stage-approved = 请将商品寄回
stage-approved-text = 请在 { $date } 之前寄出。我们检查后即为您退款。
stage-replace = 我们将为您补发
stage-replace-text = 新的包裹正在准备中，您无需寄回任何商品。
stage-keep = 您可以保留商品
stage-keep-text = 我们将为您退款，您无需寄回任何商品。
stage-in_transit = 商品正在寄回途中
stage-in_transit-text = 到达后我们会通知您。
stage-received = 商品已到达
stage-received-text = 我们正在检查。
stage-inspected = 我们已检查完毕
stage-inspected-text = 处理结果见下方。
stage-closed = 已完成
stage-closed-text = 没有其他需要处理的事项。
stage-declined = 我们无法接受
stage-declined-text = 我们的答复：{ $why }
stage-cancelled = 已取消
stage-cancelled-text = 您可以随时申请新的退货。
photo-choose = 商品照片
photo-hint = JPEG、PNG、WebP 或 HEIC，不超过 10 MB，最多五张。
photo-send = 发送这张照片
photo-send-another = 再发送一张照片
photo-taken = 已收到第 { $number } 张照片（{ $kilobytes } kB）
photo-full = 不需要更多照片。
photo-wrong-kind = 这不是照片。请选择 JPEG、PNG、WebP 或 HEIC 文件。
photo-too-big = 这张照片超过 10 MB。请选择较小的照片。
photo-broken = 无法读取这张照片。请重新拍摄，或选择另一张。
photo-too-old = 此页面打开时间过长。请重新加载页面，然后再选择照片。
photo-sending = 正在发送…
photo-answer = 照片发送结果
photo-refused = 发送结果会显示在这里。如果出现错误代码，说明照片超过 10 MB，或此页面已打开超过一小时：请在上方选择较小的照片，或重新加载此页面。
photo-arrived = 照片已收到。
photo-next = 继续
photos-enough = 全部发送完了吗？
photos-enough-text = 有了这些照片，我们就可以作出决定。如果您现在离开，我们将在半小时后决定。
photos-go-on = 全部发送完了
how-to-send = 如何寄回
label-ready = 您的寄件标签已备好
label-ready-text = 请打印并贴在包裹上，交给 { $carrier }。您无需支付任何费用。
label-download = 打开标签
label-soon = 我们正在为您获取标签，几分钟后即可在此查看，您无需支付任何费用。
label-none = 我们未能获取标签，将写信与您联系。
own-postage = 请自行选择承运商并自付运费，寄往：
write-number = 请在包裹上写明编号 { $rma }，或将二维码放入包裹中。
code-alt = 退货 { $rma } 的二维码
sent-with = 承运商 { $carrier }，单号 { $number }
refunds = 退款
refund-planned = 将退还 { $amount }。
refund-succeeded = 已退还 { $amount }。
refund-waits = { $amount }：正由专人处理。
in-this-return = 本次退货包含
cancel-title = 改变主意了？
cancel-text = 在商品寄出之前，您可以取消。
cancel-button = 取消退货
cancel-too-late = 现在取消已经太晚。
back-to-order = 返回订单

# 物流查询

track-title = 我的订单在哪里？
track-heading = 订单 { $number }
ordered-on = 下单日期：{ $date }
parcels = { $count ->
    [1] 您的包裹
   *[other] 您的 { $count } 个包裹
}
parcel-of = 包裹 { $number }
track-number = 运单号
expected-on = 预计 { $date } 送达
expected-between = 预计 { $from } 至 { $until } 送达
arrived-on = 已于 { $date } 送达
expected-past = 原预计 { $date } 前送达。很抱歉让您久等了。
journey = 物流轨迹
status-label_created = 已打包
status-in_transit = 运输途中
status-out_for_delivery = 正在派送
status-ready_for_pickup = 等待自提
status-exception = 运输受阻
status-delivered = 已送达
status-attempt_failed = 派送未成功
status-returning = 正在退回
status-returned = 已退回
to-come = 尚未发出
to-come-unknown = 发货时我们会通知您。
to-come-held = 我们正在核实一些信息，随后会通知您。
to-come-backorder = 目前缺货，预计 { $date } 发出。
not-sent = 不会发出
in-parcel = 此包裹包含
ordered = 您订购的商品
arrived-button = 已收到
arrived-thanks = 感谢您告诉我们。
something-wrong = 出现问题
all-cancelled = 此订单已取消。
