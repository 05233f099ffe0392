"""Why was a record refused, and what is to be done, in Chinese? English lies in schemas.reasons."""

from __future__ import annotations

from schemas.reasons import REFUSALS, Refusal

_CHINESE: dict[Refusal, tuple[str, str]] = {
    Refusal.UNDECODABLE: (
        "内容既不是 UTF-8 的 JSON，也不是 Confluent 格式的 Avro",
        "请按 application/json 或 application/avro 发送一个 CloudEvent",
    ),
    Refusal.UNKNOWN_SCHEMA: (
        "Avro 模式编号不是本系统的", "请用 schemas/avro/ids.json 所列模式编码",
    ),
    Refusal.UNKNOWN_TYPE: ("事件类型不认识", "请用契约所列类型，注意 ce_type 的拼写"),
    Refusal.NOT_FOR_DEPARTMENTS: (
        "该类事件不由部门发送", "登记和政策事件由平台管理员发送，定时事件由本系统产生",
    ),
    Refusal.ENVELOPE: (
        "CloudEvents 属性缺失或有误", "请给出 id、source、type、specversion 1.0 和带时区的时间",
    ),
    Refusal.TOO_LARGE: ("内容过大", "请不要超过信息中所说的大小"),
    Refusal.TOO_DEEP: ("嵌套过深", "请减少层次：契约中没有这样深的消息"),
    Refusal.EMPTY: ("记录没有内容", "请发送内容；空记录在这里没有意义"),
    Refusal.INVALID_FIELD: ("字段缺失或取值有误", "请改正所指字段后重新发送"),
    Refusal.FOREIGN_SOURCE: ("事件署名的部门与主题不符", "只能用本部门的登记代码发送"),
    Refusal.UNKNOWN_DEPARTMENT: ("部门未登记", "请平台管理员登记该部门"),
    Refusal.CREDIT_CODE: (
        "不是 GB 32100-2015 的统一社会信用代码", "请核对 18 位：数字和大写字母，不含 I、O、S、V、Z",
    ),
    Refusal.CREDIT_CODE_CHECK_DIGIT: (
        "统一社会信用代码校验位不符，且主体名录中没有", "请改正代码，或先将该主体录入名录",
    ),
    Refusal.OLD_REGISTRATION_NUMBER: ("这是 15 位旧注册号", "请发送统一社会信用代码"),
    Refusal.WRONG_KEY: ("记录的键与内容中的主体不符", "请以内容中的信用代码为键，或不给键"),
    Refusal.FUTURE_TIME: ("事件时间在将来", "请校准发送系统的时钟"),
    Refusal.NO_POLICY: ("尚未发布政策", "请用 hub policy publish 发布政策后重发"),
    Refusal.FAULTED: ("本系统处理该记录时出错", "发送方不必处理：由运行人员排除后重发"),
    Refusal.UNASKED: ("回执所指的投递并不存在", "请写明所收投递的键、版本和内容摘要"),
    Refusal.WRONG_PARTITION: ("记录在无人读取的分区", "订阅和回执主题只写 0 号分区"),
    Refusal.TOO_MANY: ("等待前一步骤的记录过多，未予受理", "待前一步骤到达后重新发送"),
    Refusal.DRAW_TAKEN: ("该次抽取已以其他内容承诺或公开，不得更改", "请换用新的 draw_id"),
    Refusal.DRAW_NOT_COMMITTED: (
        "未经承诺的抽取，公开种子不能证明什么", "请先发送 draw.committed，待受理后再公开种子",
    ),
    Refusal.DRAW_SEED: (
        "种子与所承诺的不符", "请公开与所给 SHA-256 对应的种子；写明来源的才给公开值",
    ),
    Refusal.DRAW_SPECIAL: (
        "抽取所依据的专项检查不成立、不属该部门或依法保密",
        "请先备案、会签或领取该专项检查，或不写 special_id",
    ),
    Refusal.FUTURE_DAY: (
        "所述情况的日期在将来", "请写明实际评定的日期，或到该日后再发送",
    ),
    Refusal.CLASS_OUT_OF_RANGE: (
        "现行政策有此分类方法，但没有这一等级", "请按信息所列等级改正后发送",
    ),
}  # fmt: skip

# code: (what happened, what to do) in Chinese, then in English, which stands in where there is none
REFUSED: dict[str, tuple[str, str, str, str]] = {
    reason.value: (*_CHINESE.get(reason, english), *english) for reason, english in REFUSALS.items()
}
