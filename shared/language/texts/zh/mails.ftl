# 顾客在邮件中看到的文字。

link-mail-subject = 订单 { $number } 的退货链接
link-mail-heading = 退货与售后
link-mail-text = 请由此进入订单 { $number } 的退货与售后。链接仅可使用一次，有效期一小时。
link-mail-open = 继续
link-mail-not-you = 如果不是您本人的请求，您无需任何操作。

# 订单进展

mail-why = 您收到此邮件，是因为您在 { $shop } 下了订单。订单 { $number }。
mail-answer = 有问题？请直接回复此邮件。
mail-track = 查看物流
mail-order = 查看订单
mail-returns = 退货与投诉
mail-carrier = 承运商
mail-tracking-number = 运单号
mail-expected = 预计送达
mail-expected-between = { $first } 至 { $last }
mail-part = 第 { $part } 部分，共 { $parts } 部分
mail-waiting = 暂时缺货
mail-expected-around = 约 { $date }
mail-rest = 订单其余部分将另行寄出，发货时我们会通知您。

mail-confirmed-subject = 感谢您的订单 { $number }
mail-confirmed-heading = 感谢您的订单
mail-confirmed-text = { $parts ->
    [1] 商品由我们的供应商直接发货。发货后我们会立即通知您。
   *[other] 商品由我们的供应商直接发货，分 { $parts } 部分寄出。每部分发货后我们都会通知您。
}
mail-split-subject = 订单 { $number } 将分 { $parts } 部分送达
mail-split-heading = 您的订单将分 { $parts } 部分送达
mail-split-text = 为了让您尽早收到商品，订单由多家供应商分别发货，您无需另付费用。
mail-backordered-subject = 订单 { $number } 的部分商品需要更多时间
mail-backordered-heading = 您的部分商品需要更多时间
mail-backordered-text = 以下商品目前缺货。我们已为您预留，到货后立即寄出，您无需任何操作。
mail-refund = 退款
mail-cancelled-subject = 订单 { $number } 已取消
mail-cancelled-heading = 您的订单已取消
mail-cancelled-text = 该订单不会再寄出任何商品。
mail-part-cancelled-subject = 订单 { $number } 的部分商品已取消
mail-part-cancelled-heading = 您的部分商品已取消
mail-part-cancelled-text = 以下商品不会寄出：
mail-part-cancelled-rest = 其余商品不受影响。
mail-part-cancelled-left = 其余商品已无法拦截，仍会送达。收到后您可以退回。
mail-shipped-subject = 订单 { $number } 已发货
mail-shipped-heading = 您的包裹已发出
mail-shipped-text = { $carrier } 将为您送达：
mail-corrected-subject = 订单 { $number } 的新运单号
mail-corrected-heading = 您的包裹换了运单号
mail-corrected-text = 我们之前提供的运单号有误，正确的是：
mail-delayed-subject = 订单 { $number } 有延误
mail-delayed-heading = 送达时间比预计的晚
mail-delayed-text = 非常抱歉：您的商品本应在 { $date } 前送达，但目前尚未到达。我们正在跟进，送达后会立即通知您。
mail-delayed-carrier-text = 非常抱歉：{ $carrier } 报告您的包裹出现问题。我们正在跟进，送达后会立即通知您。
mail-delivered-subject = 订单 { $number } 的包裹已送达
mail-delivered-heading = 您的包裹已送达
mail-delivered-text = { $carrier } 显示您的包裹已于 { $date } 送达。祝您使用愉快！
mail-delivered-wrong = 没有收到、有损坏或送错了？请告诉我们，我们会为您解决。

# 退货进展

mail-rma = 退货编号
mail-return-requested-subject = 我们已收到您的申请 { $rma }
mail-return-requested-heading = 我们已收到您的申请
mail-return-requested-text = 我们会尽快处理并与您联系。
mail-return-photos-asked-subject = 请为 { $rma } 提供照片
mail-return-photos-asked-heading = 我们需要照片
mail-return-photos-asked-text = 请让我们看到问题所在，以便作出决定。您可以在“退货与投诉”中添加照片。
mail-return-approved-subject = 退货 { $rma } 已获批准
mail-return-approved-heading = 您可以退回商品
mail-return-approved-text = 请用您选择的承运商寄到以下地址，并在包裹上写明 { $rma }。我们检查后即为您退款。
mail-return-send-by = 请在此日期前寄出
mail-return-address = 地址
mail-return-replaced-subject = { $rma }：我们为您重新寄送
mail-return-replaced-heading = 我们为您重新寄送
mail-return-replaced-text = 非常抱歉。新的包裹正在准备中，您无需退回任何商品。
mail-return-kept-subject = { $rma }：我们为您退款
mail-return-kept-heading = 您可以保留商品
mail-return-kept-text = 我们会退款给您，您无需退回任何商品。
mail-return-label-subject = 退货 { $rma } 的面单
mail-return-label-heading = 您的退货面单已备好
mail-return-label-text = 请打印并贴在包裹上，交给 { $carrier }，您无需付费。我们检查退回的商品后即为您退款。
mail-return-label-open = 打开面单
mail-return-declined-subject = 关于您的申请 { $rma }
mail-return-declined-heading = 我们无法接受
mail-return-declined-text = 我们已查看您的申请，但无法接受。我们的答复：
mail-return-cancelled-subject = { $rma } 已取消
mail-return-cancelled-heading = 您的申请已取消
mail-return-cancelled-text = 请不要为此寄回任何商品。在退货期限内，您可以在“退货与投诉”中重新申请。
mail-return-received-subject = 退货 { $rma } 已收到
mail-return-received-heading = 我们已收到您的退货
mail-return-received-text = 我们正在检查，退款发出时会通知您。
mail-refunded-subject = 订单 { $number } 退款 { $amount }
mail-refunded-heading = 您的退款已发出
mail-refunded-text = 我们已按您的付款方式退回 { $amount }。视银行而定，到账可能需要几天。
