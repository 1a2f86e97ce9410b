"""What offices write above their columns, by the field that is meant. Folded: half-width, lower case, no spaces, no brackets, no numbers at the end.

A field may be said of a role: "租户电话" is the telephone of the tenant. Words that stand in `LEFT_OUT` are known and not wanted: what
the service does not need it does not keep (Personal Information Protection Law of the PRC, article 6).
"""

from collections.abc import Mapping
from typing import Literal, get_args

ImportKind = Literal["residents", "staff", "rosters", "facilities"]
KINDS: tuple[ImportKind, ...] = get_args(ImportKind)

Field = Literal[
    "building", "unit", "floor", "home", "whole", "alias", "occupancy", "home_use",
    "name", "phone", "email", "role", "since", "until", "language", "plate",
    "department", "title", "certificate", "certificate_until",
    "date", "shift", "start", "end", "tier", "duty", "backup", "lead",
    "facility_kind", "facility_name", "rescue_code", "serves",
]  # fmt: skip
Group = Literal["", "second", "owner", "owner2", "tenant", "tenant2", "family", "family2", "relative", "duty", "backup", "lead"]
SECOND: Mapping["Group", "Group"] = {"": "second", "owner": "owner2", "tenant": "tenant2", "family": "family2"}
"""The group of a second person of a group: 业主1 and 业主2 side by side in a row."""
LEAVE_OUT = "-"
"""What somebody says of a column that is not to be read."""

_PLACE: Mapping[Field, str] = {
    "building": "楼栋 楼栋号 栋 栋号 幢 幢号 座 座号 楼号 楼 楼座 楼幢 楼幢号 楼宇 楼宇号 楼宇名称 楼栋名称 栋座 栋座号 座栋 大楼 号楼 building buildingno"
    " buildingnumber buildingname bldg bldgno block blockno tower",
    "unit": "单元 单元号 单元名称 门洞 门洞号 unit unitno unitnumber entrance entranceno",
    "floor": "楼层 层 层号 所在楼层 楼层号 floor floorno level",
    "home": "房号 房间号 房间号码 房间 室号 室 户号 户室号 房 房屋编号 房屋号 门牌号 门牌 门牌号码 门室号 住房号 房产编号 室号部位 户 room roomno roomnumber"
    " home homeno flat flatno apartment apartmentno apt aptno house houseno door doorno",
    "whole": "房屋 房产 地址 住址 家庭住址 房屋地址 房产地址 房间全称 房屋全称 房产名称 房屋名称 楼栋房号 楼号房号 栋单元室 栋单元房号 单元房号 楼栋单元房号 楼号单元房号 楼号单元室 幢单元室 幢单元房号 楼单元室 楼单元房 楼单元房号 楼栋单元室 座单元房号 房源"
    " 房屋坐落 坐落 详细地址 位置 安装位置 所在位置 所属位置 使用地点 address homeaddress place location homecode placecode",
    "alias": "别名 俗称 又名 推广名 案名 其他名称 alias aliases alsocalled othername othernames",
}
_PERSON: Mapping[Field, str] = {
    "name": "姓名 名字 客户 客户名称 客户姓名 户主 户主姓名 住户 住户姓名 住户名称 联系人 联系人姓名 人员姓名 员工姓名 人员 员工 居民 居民姓名 户名 名称 name fullname resident"
    " residentname person contactperson employee staff staffname",
    "phone": "手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 移动电话 联系手机 手机电话 联系号码 号码 常用电话 备用电话 备用手机 其他电话 其它电话 座机 座机号 固话 固定电话"
    " 宅电 家庭电话 住宅电话 办公电话 手机/电话 电话/手机 tel telephone telephoneno phone phoneno phonenumber phones mobile mobileno mobilenumber mobilephone"
    " cell cellphone contact contactno contactnumber landline homephone alternativephone",
    "email": "邮箱 电子邮箱 邮件 电子邮件 邮箱地址 email emailaddress mail mailbox",
    "language": "语言 沟通语言 常用语言 语种 language languages preferredlanguage",
}
_WORDS: Mapping[ImportKind, Mapping[Field, str]] = {
    "residents": {
        **_PLACE, **_PERSON,
        "occupancy": "状态 居住状态 入住状态 房屋状态 入住情况 使用状态 居住情况 房态 住户状态 房屋使用情况 是否入住 是否居住 status occupancy state",
        "home_use": "房屋类型 房产类型 房屋性质 房屋用途 用途 业态 物业类型 use homeuse propertytype",
        "role": "身份 住户类型 与业主关系 与户主关系 关系 客户类型 人员类型 住户身份 居住身份 类型 业主类型 人员类别 role relation relationship residenttype type",
        "since": "入住日期 入住时间 入伙日期 入伙时间 交房日期 交房时间 收房日期 接房日期 迁入日期 起租日期 租期起 since movein moveindate from startdate",
        "until": "迁出日期 迁出时间 搬离日期 搬出日期 退租日期 租期至 租期止 离开日期 until moveout moveoutdate enddate",
        "plate": "车牌 车牌号 车牌号码 车辆号牌 plate plates plateno platenumber licenseplate carplate",
    },
    "staff": {
        **_PERSON,
        "department": "部门 所属部门 部门名称 班组 所在部门 department departmentname dept team",
        "title": "岗位 职务 职位 工种 岗位名称 post title position job jobtitle",
        "certificate": "证书 证书名称 持证 持证情况 资格证书 特种作业证 上岗证 certificate certificates certification",
        "certificate_until": "证书到期 证书到期日 证书有效期 有效期 有效期至 到期日 到期日期 validuntil expires expiry expirydate expireson",
    },
    "rosters": {
        **{field: _PERSON[field] for field in ("name", "phone")},
        "date": "日期 值班日期 班次日期 排班日期 值班日 时间日期 date day dutydate",
        "department": "部门 所属部门 部门名称 班组 值班部门 department departmentname dept team",
        "shift": "班次 班别 班 时段 值班时间 时间 值班时段 上班时间段 shift hours time times",
        "start": "开始 开始时间 起始时间 上班时间 上班 起 start starts starttime from",
        "end": "结束 结束时间 终止时间 下班时间 下班 止 end ends endtime to until",
        "tier": "值班类型 值班级别 级别 层级 角色 tier role kind",
        "duty": "值班人 值班人员 值班 当班 当班人 当班人员 值班员 主班 值班工程师 onduty duty",
        "backup": "备班 备班人 备班人员 备勤 备勤人员 替班 替补 副班 候补 backup standby",
        "lead": "带班 带班人 带班领导 值班领导 负责人 带班负责人 值班经理 组长 lead leader dutymanager",
    },
    "facilities": {
        **{field: words for field, words in _PLACE.items() if field not in ("floor", "home")},
        "facility_kind": "设施类型 设备类型 类型 类别 设备类别 设施类别 设施 设备 kind type facility facilitykind facilitytype equipment",
        "facility_name": "名称 设备名称 设施名称 电梯编号 编号 梯号 电梯 电梯名称 设备编号 设施编号 内部编号 name no number facilityname liftno elevatorno",
        "rescue_code": "救援识别码 电梯救援识别码 识别码 救援码 应急救援识别码 救援编号 应急救援编号 rescuecode rescueid rescueidentificationcode",
        "serves": "服务范围 服务楼栋 供应范围 覆盖范围 供水范围 供电范围 服务对象 serves served servedplaces",
    },
}  # fmt: skip
LEFT_OUT = frozenset(
    [
        "序号",
        "编号",
        "行号",
        "面积",
        "建筑面积",
        "套内面积",
        "户型",
        "身份证",
        "身份证号",
        "身份证号码",
        "证件号",
        "证件号码",
        "证件类型",
        "备注",
        "说明",
        "性别",
        "年龄",
        "出生日期",
        "出生年月",
        "民族",
        "籍贯",
        "户籍",
        "政治面貌",
        "学历",
        "人数",
        "物业费",
        "单价",
        "车位",
        "车位号",
        "产权证号",
        "合同编号",
        "工号",
        "员工编号",
        "入职日期",
        "入职时间",
        "签字",
        "签名",
        "品牌",
        "型号",
        "注册代码",
        "使用登记证",
        "出厂编号",
        "载重",
        "层站",
        "维保单位",
        "下次检验日期",
        "错误原因",
        "no",
        "#",
        "id",
        "seq",
        "serial",
        "index",
        "area",
        "size",
        "idcard",
        "idnumber",
        "remark",
        "remarks",
        "note",
        "notes",
        "comment",
        "comments",
        "gender",
        "sex",
        "age",
        "birthday",
        "employeeno",
        "signature",
        "reason",
        "reasons",
        "brand",
        "model",
        "errors",
    ]
)

GROUPS: Mapping[Group, tuple[str, ...]] = {
    "owner": ("业主", "产权人", "共有人", "房主", "房东", "户主", "owner", "landlord"),
    "tenant": ("租户", "租客", "承租人", "承租方", "使用人", "tenant", "lessee"),
    "family": ("家属", "配偶", "家庭成员", "同住人", "family", "spouse"),
    "relative": ("紧急联系人", "紧急联系", "应急联系人", "备用联系人", "代收人", "emergencycontact", "nextofkin", "proxy"),
    "duty": ("值班人员", "值班人", "当班", "值班", "主班", "duty"),
    "backup": ("备班人员", "备班人", "备班", "备勤", "backup"),
    "lead": ("带班领导", "带班", "值班领导", "负责人", "lead"),
}
"""Words before a field, or alone for the name, that say whose it is. Duty, backup and lead are of rosters, the others of residents."""

CONTAINS: tuple[tuple[str, Field], ...] = (
    ("手机|电话|联系方式|phone|mobile", "phone"),
    ("邮箱|mail", "email"),
    ("房号|室号|房间号|门牌", "home"),
    ("单元", "unit"),
    ("楼栋|栋号|幢号|楼号", "building"),
    ("姓名", "name"),
    ("部门", "department"),
    ("识别码", "rescue_code"),
)
"""What a longer heading is taken for by a word within it; shown as a guess."""

NOT_CONTAINS = "证|费|面积|数|金额|日期|时间|密码|短号|单位"
"""A heading with one of these is not guessed at."""


def is_meaning(text: str) -> bool:
    """Whether a text says what a column is: a field (`phone`), a field of a group (`phone:tenant`), or LEAVE_OUT."""
    field, _, group = text.partition(":")
    return text == LEAVE_OUT or (field in get_args(Field) and group in get_args(Group))


def words_of(kind: ImportKind) -> Mapping[str, Field]:
    """The field by its words, for one kind of file."""
    return {word: field for field, words in _WORDS[kind].items() for word in words.split()}


def fields_of(kind: ImportKind) -> tuple[Field, ...]:
    """The fields that a kind of file has."""
    return tuple(_WORDS[kind])


def groups_of(kind: ImportKind) -> tuple[Group, ...]:
    """The groups that a kind of file has."""
    if kind == "residents":
        return ("relative", "owner", "tenant", "family", "second", "owner2", "tenant2", "family2")
    return ("lead", "backup", "duty") if kind == "rosters" else ()
