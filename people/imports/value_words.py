"""What stands in the cells of a list for roles, states, kinds and languages. Data of recognition; nobody is shown these."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal, TypeVar

from people.imports.place_cells import HomeUse
from people.imports.records import FacilityKind, Occupancy, ResidenceRole, Tier

ROLES: Mapping[ResidenceRole, str] = {
    "owner": "业主 产权人 户主 房主 房东 本人 业主本人 房屋所有人 共有人 共同业主 owner coowner landlord self",
    "tenant": "租户 租客 承租人 承租方 承租 租赁 出租 租住 使用人 tenant lessee renter",
    "family": "家属 家庭成员 成员 配偶 妻子 丈夫 妻 夫 夫妻 爱人 老公 老婆 老伴 子女 儿子 女儿 子 女 父亲 母亲 父母 父 母 爷爷 奶奶 外公 外婆 祖父 祖母 孙子 孙女 兄弟 姐妹 哥哥 弟弟 姐姐 妹妹 孩子 小孩 长子 次子 长女 次女 侄子 侄女 外甥 亲属 亲戚 同住人"
    " 岳父 岳母 公公 婆婆 儿媳 女婿 保姆 family spouse wife husband son daughter child parent father mother relative",
}  # fmt: skip
OCCUPANCIES: Mapping[Occupancy, str] = {
    "occupied": "已入住 入住 自住 在住 常住 居住 居住中 业主自住 有人 有人住 正常 自用 使用中 在用 营业 营业中 是 已住 住人 亲属居住 亲友居住 家人居住 已装修入住 occupied livedin inuse yes",
    "let": "出租 已出租 已租 租 租赁 租住 租赁中 出租中 租户居住 租客居住 let rented tenanted",
    "vacant": "空置 空房 无人 无人住 空 闲置 空关 长期空置 停业 否 未住 没人住 无人居住 未居住 闲置中 空置中 vacant empty unoccupied",
    "not_moved_in": "未入住 未交房 未装修 装修中 装修 毛坯 待售 未售 未收房 未领房 已交房未入住 交房未入住 notmovedin unsold",
}
MOVED_OUT = "迁出 已迁出 搬离 已搬离 搬走 已搬走 搬出 已搬出 退租 已退租 退房 已退房 已过户 过户 离开 注销 已注销 已售出 movedout left out gone ended"
HOME_USES: Mapping[HomeUse, str] = {
    "dwelling": "住宅 居民 普通住宅 公寓 高层 多层 小高层 洋房 dwelling residential apartment",
    "villa": "别墅 联排 叠拼 独栋 排屋 villa townhouse",
    "shop": "商铺 底商 店铺 门面 商业 网点 shop retail",
    "office": "办公 写字楼 办公楼 办公室 office",
}
LANGUAGES: Mapping[str, str] = {
    "zh-CN": "中文 汉语 普通话 国语 简体中文 华语 zh zh-cn zh-hans chinese mandarin",
    "en": "英文 英语 en en-us en-gb english", "ja": "日语 日文 ja japanese", "ko": "韩语 韩文 朝鲜语 ko korean", "fr": "法语 fr french",
    "de": "德语 de german", "es": "西班牙语 es spanish", "ru": "俄语 ru russian", "ar": "阿拉伯语 ar arabic", "yue": "粤语 广东话 yue cantonese",
    "wuu": "上海话 吴语 wuu shanghainese", "nan": "闽南语 nan hokkien",
}  # fmt: skip
TIERS: Mapping[Tier, str] = {
    "duty": "值班 当班 主班 值班人 值班人员 主值 duty onduty",
    "backup": "备班 备勤 替班 副班 候补 副值 backup standby",
    "lead": "带班 负责人 领导 带班领导 组长 班长 主管 lead leader manager",
}
FACILITY_KINDS: Mapping[FacilityKind, str] = {
    "elevator": "电梯 客梯 货梯 消防梯 消防电梯 扶梯 自动扶梯 无障碍电梯 直梯 梯 elevator lift escalator",
    "pump_room": "水泵房 泵房 生活水泵房 消防水泵房 水泵 消防泵房 二次供水泵房 供水设备 pumproom pump",
    "garage": "车库 地下车库 地库 停车场 停车库 地面停车场 garage parking carpark",
    "substation": "配电房 配电室 变电所 变电站 变配电房 配电间 开闭所 高压配电房 低压配电房 变压器 substation switchroom transformer",
    "gate": "大门 门 门岗 出入口 东门 西门 南门 北门 gate entrance",
    "other": "其他 其它 消控室 监控室 消防控制室 中控室 发电机房 风机房 垃圾房 天台 水箱 化粪池 other",
}
POSTS: Mapping[str, str] = {
    "manager": "项目经理 物业经理 物业主任 小区经理 管理处主任 经理 projectmanager propertymanager manager",
    "supervisor": "客服主管 客户服务主管 主管 客服经理 supervisor customerservicesupervisor",
    "front_desk": "前台 客服前台 前台客服 客服专员 客服 前台接待 frontdesk receptionist clerk",
    "company_leader": "公司领导 公司总经理 总经理 区域总 区域经理 companyleader generalmanager",
}
"""Titles that are posts of the playbooks. Other titles are noted with the person."""

DEPARTMENTS: Mapping[str, str] = {
    "engineering": "工程部 工程 维修部 工程维修部 设备部 维修 机电部 engineering maintenance",
    "security": "秩序部 秩序 保安部 安保部 安管部 秩序维护部 保安 安保 安全部 security order",
    "cleaning": "保洁部 保洁 环境部 环境 环卫部 cleaning",
    "finance": "财务部 财务 finance accounting",
    "customer_service": "客服部 客服 客户服务部 客户服务中心 客服中心 管家部 customerservice customerservices",
}
"""The playbooks' departments, and what offices call them."""

CERTIFICATES: Mapping[str, str] = {
    "elevator_rescue": "电梯救援 电梯安全管理员 电梯安全管理员证 电梯司机证 电梯作业证 电梯证 elevatorrescue elevatorsafety",
    "electrician": "电工证 电工 低压电工证 低压电工 高压电工证 高压电工 electrician",
    "fire_control": "消控证 消防设施操作员 消防设施操作员证 建构筑物消防员 消防证 firecontrol",
    "first_aid": "急救证 救护员证 红十字救护员证 急救员 firstaid",
    "security_guard": "保安员证 保安证 securityguard",
    "confined_space": "有限空间作业证 有限空间 confinedspace",
    "work_at_height": "高处作业证 登高证 高空作业证 workatheight",
}


@lru_cache(maxsize=1 << 14)
def _fold(text: str) -> str:
    return "".join(letter for letter in text.lower() if not letter.isspace() and letter not in "_/()·.")


Meaning = TypeVar("Meaning", bound=str)


def _by_word(table: Mapping[Meaning, str]) -> dict[str, Meaning]:
    return {word: meaning for meaning, words in table.items() for word in words.split()}


_ROLES, _OCCUPANCIES, _HOME_USES, _LANGUAGES = _by_word(ROLES), _by_word(OCCUPANCIES), _by_word(HOME_USES), _by_word(LANGUAGES)
_TIERS, _FACILITY_KINDS, _POSTS = _by_word(TIERS), _by_word(FACILITY_KINDS), _by_word(POSTS)
_DEPARTMENTS, _CERTIFICATES = _by_word(DEPARTMENTS), _by_word(CERTIFICATES)
_MOVED_OUT = frozenset(MOVED_OUT.split())


def role_of(text: str) -> ResidenceRole | None:
    """What somebody is to a home; None for another word."""
    return _ROLES.get(_fold(text))


def occupancy_of(text: str) -> Occupancy | Literal["moved_out"] | None:
    """How a home is used now, or that those in the row have left it; None for another word."""
    folded = _fold(text)
    return "moved_out" if folded in _MOVED_OUT else _OCCUPANCIES.get(folded)


def home_use_of(text: str) -> HomeUse | None:
    """What a home is for; None for another word."""
    return _HOME_USES.get(_fold(text))


def language_of(text: str) -> str | None:
    """A BCP 47 tag; None for another word."""
    return _LANGUAGES.get(_fold(text))


def tier_of(text: str) -> Tier | None:
    """A tier of a roster; None for another word."""
    return _TIERS.get(_fold(text))


def facility_kind_of(text: str) -> FacilityKind | None:
    """What kind of facility a word means: the word itself, else its longest known ending (1号客梯 is an elevator)."""
    folded = _fold(text)
    return next((_FACILITY_KINDS[folded[start:]] for start in range(len(folded)) if folded[start:] in _FACILITY_KINDS), None)


def post_of(text: str) -> str | None:
    """The playbooks' post that a title is; None for another title."""
    return _POSTS.get(_fold(text))


def certificate_of(text: str) -> str | None:
    """The kind of a certificate; None for another word."""
    return _CERTIFICATES.get(_fold(text))


def department_of(text: str) -> str | None:
    """The key of one of the playbooks' departments; None for another word."""
    folded = _fold(text)
    return _DEPARTMENTS.get(folded) or (text if text in DEPARTMENTS else None)
