"""The forms of the county: headings as the census delivers them."""

from __future__ import annotations

from generator.files import Column, Form

SIGNED = "填表人：（虚构）　审核人：（虚构）　报出日期：2026年4月15日"

VILLAGES = Form(
    "社区（行政村）减灾能力调查表",
    (
        Column("序号", "", "xh"),
        Column("社区（行政村）名称", "name", "sqxzcmc"),
        Column("行政区划代码（若有）", "village_code", "xzqhdm"),
        Column("乡镇（街道）名称", "township_name", "xzjdmc"),
        Column("乡镇代码", "township_code", "xzdm"),
        Column("常住人口数量", "population", "czrksl", "人口情况（人、户）"),
        Column("0-14岁人数", "children_people", "rs0_14srs", "人口情况（人、户）"),
        Column("65岁（含）以上人数", "elderly_people", "rs65sys", "人口情况（人、户）"),
        Column("残障人员人数", "disabled_people", "czryrs", "人口情况（人、户）"),
        Column("总户数", "households", "zhs", "人口情况（人、户）"),
        Column(
            "是否有本辖区地质灾害等隐患点清单",
            "has_hazard_list",
            "sfybxqdzzh",
            "风险隐患掌握情况",
        ),
        Column(
            "是否有本辖区弱势人群清单",
            "has_vulnerable_list",
            "sfybxqrsrq",
            "风险隐患掌握情况",
        ),
        Column(
            "是否有社区（行政村）灾害类地图",
            "has_hazard_map",
            "sfysqxzczh",
            "风险隐患掌握情况",
        ),
        Column(
            "是否有社区（行政村）应急预案", "has_plan", "sfysqxzcyj", "风险隐患掌握情况"
        ),
        Column("灾害信息员人数", "information_officers_people", "zhxxyrs", "队伍情况"),
        Column("登记注册志愿者人数", "volunteers_people", "zyzrs", "队伍情况"),
        Column("应急演练时间", "last_drill", "yjylsj"),
        Column("报出日期", "data_date", "bcri"),
    ),
    coded=True,
    note=SIGNED,
)

SHELTERS = Form(
    "应急避难场所（避灾安置场所）调查表",
    (
        Column("序号", "", "xh"),
        Column("场所编号", "shelter_id", "csbh"),
        Column("应急避难场所名称 ", "name", "yjbncsmc"),
        Column("所在村", "village_name", "szc", "位置"),
        Column("行政区划代码", "village_code", "xzqhdm", "位置"),
        Column("地址", "address", "dz", "位置"),
        Column("级别", "level", "csjb"),
        Column("避灾种类", "hazards", "bzzl"),
        Column("室内/室外类型", "place_kind", "snswlx"),
        Column("建筑结构", "structure", "jzjg"),
        Column(
            "应急避难场所占地总面积（平方米）", "site_area_m2", "yjbncszdmj", "规模"
        ),
        Column(
            "应急避难场所室内面积（平方米）", "indoor_area_m2", "yjbncssnmj", "规模"
        ),
        Column("有效面积（平方米）", "effective_area_m2", "yxmj", "规模"),
        Column("避难所容纳人数（人）", "declared_people", "bnsrnrs", "规模"),
        Column("标志标识规范性", "standardised", "bsbzgfx", "设施"),
        Column("视频监控", "video", "spjk", "设施"),
        Column("是否通过安全鉴定", "assessed", "sftgaqjd", "设施"),
        Column("物资储备类型", "stock", "wzcblx", "设施"),
        Column("A角姓名", "responsible_a", "ajxm", "场所责任人"),
        Column("A角电话", "phone_a", "ajdh", "场所责任人"),
        Column("B角姓名", "responsible_b", "bjxm", "场所责任人"),
        Column("B角电话", "phone_b", "bjdh", "场所责任人"),
        Column("报出日期", "data_date", "bcri"),
    ),
    coded=True,
    note=SIGNED,
)

# 纬度 -> lon and 经度 -> lat stand so in the real dictionary.
HAZARD_POINTS = Form(
    "地质灾害隐患点信息表",
    (
        Column("序号", "", "xh"),
        Column("隐患点编号", "hazard_point_id", "yhdbh"),
        Column("隐患点名称", "name", "yhdmc"),
        Column("隐患点类型", "hazard", "yhdlx"),
        Column("村", "village_name", "c"),
        Column("行政区规划", "village_code", "xzqhgs"),
        Column("纬度", "lat", "lon"),
        Column("经度", "lon", "lat"),
        Column("规模等级", "size_grade", "gmdj"),
        Column("险情等级", "threat_grade", "xqdj"),
        Column("稳定性", "stability", "wdx"),
        Column("威胁财产(万元)", "threatened_value_cny", "wxccwy"),
        Column("威胁户数(户)", "threatened_households", "wxhsh"),
        Column("威胁人数(人)", "threatened_people", "wxrsr"),
        Column("诱发因素", "trigger", "yfys"),
        Column("防灾责任人姓名", "responsible_a", "fzzrrxm"),
        Column("防灾责任人职位", "post_a", "fzzrrzw"),
        Column("防灾责任人电话", "phone_a", "fzzrrdh"),
        Column("监测责任人姓名", "responsible_b", "jczrrxm"),
        Column("监测责任人职位", "post_b", "jczrrzw"),
        Column("监测责任人电话", "phone_b", "jczrrdh"),
        Column("最近巡查日期", "last_checked", "zjxcrq"),
    ),
    coded=True,
)

TEAMS = (
    Column("队伍编号", "team_id"),
    Column("队伍名称", "name"),
    Column("队伍类型", "kind"),
    Column("所在村", "village_name"),
    Column("区划代码", "village_code"),
    Column("人数", "members_people"),
    Column("夜间值守人数", "night_members_people"),
    Column("车辆", "vehicles"),
    Column("集结时间（分钟）", "turnout_min"),
    Column("上一年度接警到达平均响应时间（分钟）", "response_min"),
    Column("队长", "responsible_a"),
    Column("队长电话", "phone_a"),
    Column("经度", "lon"),
    Column("纬度", "lat"),
)

GROUPS = Form(
    "台风洪涝灾害避险转移单元汇总表",
    (
        Column("转移单元编号", "group_id"),
        Column("转移单元名称", "name"),
        Column("行政村", "village_name"),
        Column("行政村代码", "village_code"),
        Column("转移类别", "category"),
        Column("应转移人数（人）", "people"),
        Column("老年人", "elderly_people", top="其中"),
        Column("儿童", "children_people", top="其中"),
        Column("残障人员", "disabled_people", top="其中"),
        Column("安置方式", "placement"),
        Column("集合点", "assembly_point"),
        Column("责任人A角", "responsible_a"),
        Column("A角电话", "phone_a"),
        Column("责任人B角", "responsible_b"),
        Column("B角电话", "phone_b"),
        Column("对应隐患编号", "hazard_id"),
        Column("经度", "lon"),
        Column("纬度", "lat"),
    ),
    note=SIGNED,
)

HOUSEHOLDS = Form(
    "受威胁户登记表（内部资料）",
    (
        Column("户编号", "household_id"),
        Column("转移单元编号", "group_id"),
        Column("行政村代码", "village_code"),
        Column("户主姓名", "head"),
        Column("联系电话", "phone"),
        Column("家庭人口", "people"),
        Column("其中老人", "elderly_people"),
        Column("其中残障人员", "disabled_people"),
        Column("房屋结构", "house_kind"),
        Column("经度", "lon"),
        Column("纬度", "lat"),
    ),
)

RESERVOIRS = Form(
    "水库山塘名录",
    (
        Column("水库山塘编号", "reservoir_id"),
        Column("水库山塘名称", "name"),
        Column("类型", "kind"),
        Column("行政村代码", "village_code"),
        Column("总库容（万立方米）", "capacity_m3"),
        Column("下游影响人数", "downstream_people"),
        Column("巡查责任人", "responsible_a"),
        Column("联系电话", "phone_a"),
        Column("经纬度", "lonlat"),
    ),
)

MEDICAL = Form(
    "医疗卫生机构",
    (
        Column("机构编号", "medical_id"),
        Column("医疗卫生机构名称", "name", "ylwsjgmc"),
        Column("行政村代码", "village_code"),
        Column("实有住院床位数", "beds", "syzycws"),
        Column("经度", "lon"),
        Column("纬度", "lat"),
    ),
)

INSPECTIONS = Form(
    "隐患排查整改记录",
    (
        Column("记录编号", "inspection_id"),
        Column("隐患点编号", "object_id"),
        Column("隐患点名称", "object_name"),
        Column("行政村代码", "village_code"),
        Column("排查日期", "checked_on"),
        Column("存在问题", "problem"),
        Column("整改措施", "measure"),
        Column("整改责任人", "responsible"),
        Column("整改期限", "due_on"),
        Column("整改完成日期", "rectified_on"),
    ),
)

DUTIES = Form(
    "村级防汛防台责任人名录",
    (
        Column("责任编号", "duty_id"),
        Column("行政村代码", "village_code"),
        Column("乡镇代码", "township_code"),
        Column("责任岗位", "post"),
        Column("A/B角", "role"),
        Column("姓名", "name"),
        Column("手机号码", "phone"),
        Column("责任范围", "scope"),
    ),
)

BROADCASTS = (
    Column("广播编号", "broadcast_id"),
    Column("安装位置", "name"),
    Column("行政村代码", "village_code"),
    Column("覆盖半径", "radius_m"),
    Column("经度", "lon"),
    Column("纬度", "lat"),
)

WATERLOG_POINTS = (
    Column("易涝点编号", "waterlog_point_id"),
    Column("易涝点名称", "name"),
    Column("行政村代码", "village_code"),
    Column("最大积水深度", "depth_m"),
    Column("经度", "lon"),
    Column("纬度", "lat"),
)
