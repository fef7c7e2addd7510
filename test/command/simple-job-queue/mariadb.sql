/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;
/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;
/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;
/*!40101 SET NAMES utf8mb4 */;
/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;
/*!40103 SET TIME_ZONE='+00:00' */;
/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;
/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;
/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;
/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;
DROP TABLE IF EXISTS `old_jobs`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `old_jobs` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `pipeline` varchar(500) NOT NULL,
  `payload` longblob NOT NULL,
  `added_dt` datetime NOT NULL COMMENT 'In UTC',
  `send_dt` datetime NOT NULL COMMENT 'In UTC',
  `priority` int(11) NOT NULL,
  `is_reserved` tinyint(1) NOT NULL,
  `reserved_dt` datetime DEFAULT NULL COMMENT 'In UTC',
  `is_buried` tinyint(1) NOT NULL,
  `buried_dt` datetime DEFAULT NULL COMMENT 'In UTC',
  `attempts` tinyint(4) NOT NULL,
  `time_to_retry_dt` datetime DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `pipeline_send_dt_is_buried_is_reserved` (`pipeline`(75),`send_dt`,`is_buried`,`is_reserved`)
) ENGINE=InnoDB AUTO_INCREMENT=18 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `old_jobs` WRITE;
/*!40000 ALTER TABLE `old_jobs` DISABLE KEYS */;
INSERT INTO `old_jobs` VALUES (1,'mails',0x1C000000789CAB56CA53B232D451CA4BCC4D55B2523ADC52949E5AA4F061FE8C06A55A0083F50A63,'2026-11-27 22:14:56','2026-11-27 22:14:56',1024,0,NULL,0,NULL,0,'2026-11-27 22:15:56');
INSERT INTO `old_jobs` VALUES (2,'mails',0x07000000789CAB56CA53B232AA0500086D0217,'2026-11-27 22:14:56','2026-11-27 22:14:56',1,0,NULL,0,NULL,0,'2026-11-27 22:15:56');
INSERT INTO `old_jobs` VALUES (3,'mails',0x07000000789CAB56CA53B232AE0500086F0218,'2026-11-27 22:14:56','2036-11-24 22:14:56',-7,0,NULL,0,NULL,0,'2026-11-27 22:15:56');
INSERT INTO `old_jobs` VALUES (4,'mails',0x07000000789CAB56CA53B232A9050008710219,'2026-11-27 22:14:56','2036-11-24 22:15:56',1024,0,NULL,0,NULL,0,'2026-11-27 22:15:56');
INSERT INTO `old_jobs` VALUES (5,'mails',0xA5110000789CEDC8310AC0201045C1AB2CBF0E7636DE26C8061B93222B0892BBE714766FCA59BA55F2A1F0192AEAA3367B2E8BE6F69EDD93310CC3300CC3300CC3300CC330BB47DF0F18BBF78E,'2026-11-27 22:14:56','2026-11-27 22:14:56',1024,0,NULL,0,NULL,0,'2026-11-27 22:15:56');
INSERT INTO `old_jobs` VALUES (6,'mails',0x43000000789CAB56CA53B232D3512A49AD2851B252CA2C512F5688512A2CCD2F494D8951D25128CF2CC950485488895148CC4B01327232F352D58B63F252F352AC15747515EC956A01BE8A149F,'2026-11-27 22:14:56','2026-11-27 22:14:56',1024,0,NULL,0,NULL,0,'2026-11-27 22:15:56');
INSERT INTO `old_jobs` VALUES (7,'held',0x07000000789CAB56CA53B232AC0500086B0216,'2026-11-27 22:14:56','2026-11-27 22:14:56',1024,1,'2026-11-27 22:14:56',0,NULL,1,'2026-11-27 22:15:56');
INSERT INTO `old_jobs` VALUES (8,'again',0x07000000789CAB56CA53B232AC0500086B0216,'2026-11-27 22:14:56','2026-11-27 22:14:56',1024,1,'2026-11-27 22:14:56',0,NULL,2,'2026-11-27 22:14:56');
INSERT INTO `old_jobs` VALUES (9,'released',0x07000000789CAB56CA53B232AC0500086B0216,'2026-11-27 22:14:56','2026-11-27 22:14:56',1024,0,NULL,0,NULL,1,'2036-11-24 22:14:56');
INSERT INTO `old_jobs` VALUES (11,'buried',0x07000000789CAB56CA53B232AC0500086B0216,'2026-11-27 22:14:56','2026-11-27 22:14:56',9,0,NULL,1,'2026-11-27 22:14:58',1,'2026-11-27 22:14:56');
INSERT INTO `old_jobs` VALUES (12,'buried',0x07000000789CAB56CA53B232AA0500086D0217,'2026-11-27 22:14:56','2026-11-27 22:14:56',5,0,NULL,1,'2026-11-27 22:14:56',3,'2026-11-27 22:14:56');
INSERT INTO `old_jobs` VALUES (13,'buried',0x07000000789CAB56CA53B232AE0500086F0218,'2026-11-27 22:14:56','2026-11-27 22:14:56',1,0,NULL,0,NULL,1,'2026-11-27 22:14:56');
INSERT INTO `old_jobs` VALUES (14,'reports',0x12000000789C4BB432B4AA2E06124A794AD6995616D6B500305E051A,'2026-11-27 22:14:58','2026-11-27 22:14:58',1024,0,NULL,0,NULL,0,'2026-11-27 22:15:58');
INSERT INTO `old_jobs` VALUES (15,'reports','','2026-11-27 22:14:58','2026-11-27 22:14:58',1024,0,NULL,0,NULL,0,'2026-11-27 22:15:58');
INSERT INTO `old_jobs` VALUES (16,'my mails',0x07000000789CAB56CA53B232AC0500086B0216,'2026-11-27 22:14:58','2026-11-27 22:14:58',1024,0,NULL,0,NULL,0,'2026-11-27 22:15:58');
INSERT INTO `old_jobs` VALUES (17,'bytes',0x02000000789CFBFF0F0002FE01FE,'2026-11-27 22:14:58','2026-11-27 22:14:58',1024,0,NULL,0,NULL,0,'2026-11-27 22:15:58');
/*!40000 ALTER TABLE `old_jobs` ENABLE KEYS */;
UNLOCK TABLES;
DROP TABLE IF EXISTS `plain_jobs`;
/*!40101 SET @saved_cs_client     = @@character_set_client */;
/*!40101 SET character_set_client = utf8mb4 */;
CREATE TABLE `plain_jobs` (
  `id` int(11) NOT NULL AUTO_INCREMENT,
  `pipeline` varchar(500) NOT NULL,
  `payload` longtext NOT NULL,
  `added_dt` datetime NOT NULL COMMENT 'In UTC',
  `send_dt` datetime NOT NULL COMMENT 'In UTC',
  `priority` int(11) NOT NULL,
  `is_reserved` tinyint(1) NOT NULL,
  `reserved_dt` datetime DEFAULT NULL COMMENT 'In UTC',
  `is_buried` tinyint(1) NOT NULL,
  `buried_dt` datetime DEFAULT NULL COMMENT 'In UTC',
  `attempts` tinyint(4) NOT NULL,
  `time_to_retry_dt` datetime DEFAULT NULL,
  PRIMARY KEY (`id`),
  KEY `pipeline_send_dt_is_buried_is_reserved` (`pipeline`(75),`send_dt`,`is_buried`,`is_reserved`)
) ENGINE=InnoDB AUTO_INCREMENT=17 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci;
/*!40101 SET character_set_client = @saved_cs_client */;
LOCK TABLES `plain_jobs` WRITE;
/*!40000 ALTER TABLE `plain_jobs` DISABLE KEYS */;
INSERT INTO `plain_jobs` VALUES (1,'mails','{\"n\":1,\"name\":\"Ärger 😀\"}','2026-11-27 22:14:58','2026-11-27 22:14:58',1024,0,NULL,0,NULL,0,'2026-11-27 22:15:58');
INSERT INTO `plain_jobs` VALUES (2,'mails','{\"n\":2}','2026-11-27 22:14:58','2026-11-27 22:14:58',1,0,NULL,0,NULL,0,'2026-11-27 22:15:58');
INSERT INTO `plain_jobs` VALUES (3,'mails','{\"n\":3}','2026-11-27 22:14:58','2036-11-24 22:14:58',-7,0,NULL,0,NULL,0,'2026-11-27 22:15:58');
INSERT INTO `plain_jobs` VALUES (4,'mails','{\"n\":4}','2026-11-27 22:14:58','2036-11-24 22:15:58',1024,0,NULL,0,NULL,0,'2026-11-27 22:15:58');
INSERT INTO `plain_jobs` VALUES (5,'mails','{\"n\":5,\"text\":\"much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. much of the same. \"}','2026-11-27 22:14:58','2026-11-27 22:14:58',1024,0,NULL,0,NULL,0,'2026-11-27 22:15:58');
INSERT INTO `plain_jobs` VALUES (6,'mails','{\"n\":6,\"text\":\"it\'s \\\"quoted\\\", with a \\\\ and a line\'s\\nend; -- ?\"}','2026-11-27 22:14:58','2026-11-27 22:14:58',1024,0,NULL,0,NULL,0,'2026-11-27 22:15:58');
INSERT INTO `plain_jobs` VALUES (7,'held','{\"n\":1}','2026-11-27 22:14:58','2026-11-27 22:14:58',1024,1,'2026-11-27 22:14:58',0,NULL,1,'2026-11-27 22:15:58');
INSERT INTO `plain_jobs` VALUES (8,'again','{\"n\":1}','2026-11-27 22:14:58','2026-11-27 22:14:58',1024,1,'2026-11-27 22:14:58',0,NULL,2,'2026-11-27 22:14:58');
INSERT INTO `plain_jobs` VALUES (9,'released','{\"n\":1}','2026-11-27 22:14:58','2026-11-27 22:14:58',1024,0,NULL,0,NULL,1,'2036-11-24 22:14:58');
INSERT INTO `plain_jobs` VALUES (11,'buried','{\"n\":1}','2026-11-27 22:14:58','2026-11-27 22:14:58',9,0,NULL,1,'2026-11-27 22:15:01',1,'2026-11-27 22:14:58');
INSERT INTO `plain_jobs` VALUES (12,'buried','{\"n\":2}','2026-11-27 22:14:58','2026-11-27 22:14:58',5,0,NULL,1,'2026-11-27 22:14:59',3,'2026-11-27 22:14:58');
INSERT INTO `plain_jobs` VALUES (13,'buried','{\"n\":3}','2026-11-27 22:14:58','2026-11-27 22:14:58',1,0,NULL,0,NULL,1,'2026-11-27 22:14:58');
INSERT INTO `plain_jobs` VALUES (14,'reports','a:1:{s:1:\"n\";i:8;}','2026-11-27 22:15:01','2026-11-27 22:15:01',1024,0,NULL,0,NULL,0,'2026-11-27 22:16:01');
INSERT INTO `plain_jobs` VALUES (15,'reports','','2026-11-27 22:15:01','2026-11-27 22:15:01',1024,0,NULL,0,NULL,0,'2026-11-27 22:16:01');
INSERT INTO `plain_jobs` VALUES (16,'my mails','{\"n\":1}','2026-11-27 22:15:01','2026-11-27 22:15:01',1024,0,NULL,0,NULL,0,'2026-11-27 22:16:01');
/*!40000 ALTER TABLE `plain_jobs` ENABLE KEYS */;
UNLOCK TABLES;
/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;
/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;
/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;
/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;
/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;
/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;
/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;
/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;
