"""What are the districts, lines of business and trades called? No real company, no person."""

from __future__ import annotations

CITY_REGION = "120000"
CITY_NAME = "天津市"

DISTRICTS: tuple[tuple[str, str], ...] = (
    ("120116", "滨海新区"),
    ("120101", "和平区"),
    ("120102", "河东区"),
    ("120103", "河西区"),
    ("120104", "南开区"),
    ("120105", "河北区"),
    ("120106", "红桥区"),
    ("120110", "东丽区"),
    ("120111", "西青区"),
    ("120112", "津南区"),
    ("120113", "北辰区"),
    ("120114", "武清区"),
    ("120115", "宝坻区"),
    ("120117", "宁河区"),
    ("120118", "静海区"),
    ("120119", "蓟州区"),
)

RETIRED_REGIONS = ("120107", "120108", "120109", "120221", "120223", "120225", "110105")
"""Region digits that credit codes keep for life: retired ones of Tianjin, and one of elsewhere."""

SYSTEMS: tuple[tuple[str, str], ...] = (
    # The first eight have rules of their own in the policy, and three times the others' tasks.
    ("WJW", "卫生健康"),
    ("SCJ", "市场监管"),
    ("STJ", "生态环境"),
    ("YJJ", "应急管理"),
    ("XFJ", "消防救援"),
    ("NYW", "农业农村"),
    ("GXJ", "工业和信息化"),
    ("JTW", "交通运输"),
    ("FGW", "发展改革"),
    ("JYW", "教育"),
    ("WLJ", "文化和旅游"),
    ("ZJW", "住房建设"),
    ("CGW", "城市管理"),
    ("SWJ", "水务"),
    ("SWU", "商务"),
    ("RSJ", "人力资源社会保障"),
    ("GHJ", "规划资源"),
    ("MZJ", "民政"),
    ("SFJ", "司法行政"),
    ("CZJ", "财政"),
    ("TJJ", "统计"),
    ("YBJ", "医疗保障"),
    ("YJA", "药品监管"),
    ("TYJ", "体育"),
    ("QXJ", "气象"),
    ("LCJ", "林业"),
    ("YZJ", "邮政"),
    ("TXJ", "通信"),
    ("DZJ", "地震"),
    ("RFB", "人民防空"),
    ("JRJ", "金融工作"),
    ("DAJ", "档案"),
    ("MZW", "民族宗教"),
    ("LSJ", "粮食和物资"),
    ("YCJ", "烟草专卖"),
    ("KJJ", "科技"),
    ("ZSC", "知识产权"),
    ("XWC", "新闻出版"),
    ("GBJ", "广播电视"),
    ("WXB", "网信"),
)
HEAVY_SYSTEMS = 8

INDUSTRIES: tuple[tuple[str, str], ...] = (
    ("5111", "批发"),
    ("5211", "零售"),
    ("6210", "餐饮"),
    ("0610", "煤炭"),
    ("2614", "化工"),
    ("1353", "食品加工"),
    ("8021", "居民服务"),
    ("8336", "培训"),
    ("8411", "医疗"),
    ("4710", "建筑"),
    ("5430", "道路运输"),
    ("6110", "住宿"),
    ("7030", "房产中介"),
    ("3311", "金属制品"),
    ("0111", "种植"),
    ("5990", "仓储"),
)

OUTCOMES_CLEAN = ("NO_PROBLEM", "NO_ACTIVITY_FOUND", "CLOSED")
OUTCOMES_PROBLEM = (
    "CORRECTED_ON_ORDER",
    "PROBLEM_PENDING",
    "NOT_FOUND_AT_ADDRESS",
    "UNCOOPERATIVE",
)
